// Draws every [data-chart] with ECharts from the JSON beside it (an attribute: htmx drops every script element of a
// fragment that it fetches again); colours come from the page's style sheet, so that light
// and dark follow the theme. Tooltips are drawn on the canvas: the content security policy allows no style attributes.
(() => {
  const drawn = new Map();
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const number = (value, unit, decimals = 1) => (value === null || value === undefined ? "–" : `${Math.round(value * 10 ** decimals) / 10 ** decimals}${unit ? ` ${unit}` : ""}`);
  const frame = (element) => ({
    animation: !still.matches,
    animationDuration: 250,
    textStyle: { fontFamily: getComputedStyle(element).fontFamily, color: colour("ink-2") },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colour("surface"),
      borderColor: colour("line-strong"),
      textStyle: { color: colour("ink"), fontSize: 13 },
    },
  });
  const axis = () => ({
    axisLine: { lineStyle: { color: colour("line-strong") } },
    axisTick: { show: false },
    axisLabel: { color: colour("ink-2"), hideOverlap: true },
    splitLine: { lineStyle: { color: colour("line") } },
  });

  const lineOf = (limit) =>
    limit && {
      silent: true,
      symbol: "none",
      label: { formatter: limit.name, color: colour("ink-2"), position: "insideEndTop" },
      lineStyle: { color: colour("ink-3"), type: "dashed" },
      data: [{ yAxis: limit.value }],
    };

  // Besides its colour each part of a stack has a hatching of its own.
  const decal = (index) => ({ symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1, 7], color: colour("surface"), rotation: -0.6 * index });
  const seriesOf = (data) => {
    const isBars = data.kind.endsWith("bars");
    const isStacked = data.kind.startsWith("stacked");
    return data.series.map((one, index) => ({
      name: one.name,
      type: isBars ? "bar" : "line",
      stack: isStacked ? "all" : undefined,
      areaStyle: data.kind === "stacked_areas" ? { opacity: 0.75 } : undefined,
      data: one.values,
      barMaxWidth: 36,
      symbolSize: 6,
      showSymbol: data.kind === "lines" && (data.labels.length < 40 || one.links.length > 0),
      connectNulls: false,
      itemStyle: { color: colour(one.tone), decal: isStacked && index ? decal(index) : undefined },
      lineStyle: { width: data.kind === "stacked_areas" ? 1 : 2, type: one.dashed ? "dashed" : "solid" },
      cursor: one.links.length ? "pointer" : "default",
      markLine: index === 0 ? lineOf(data.limit) || undefined : undefined,
    }));
  };
  const numbers = (data, element) => {
    const isBars = data.kind.endsWith("bars");
    const words = {
      type: "category",
      data: data.labels,
      boundaryGap: isBars,
      inverse: data.sideways,
      ...axis(),
      axisLabel: { ...axis().axisLabel, ...(isBars ? {} : { alignMinLabel: "left", alignMaxLabel: "right" }), ...(data.sideways ? { interval: 0, width: 170, overflow: "truncate" } : {}) },
      splitLine: { show: false },
    };
    const amount = { type: "value", min: 0, ...axis(), axisLine: { show: false }, minInterval: data.unit === "orders" ? 1 : 0 };
    return {
      ...frame(element),
      tooltip: { ...frame(element).tooltip, trigger: "axis", valueFormatter: (value) => number(value, data.unit, data.decimals) },
      grid: { left: 8, right: 16, top: 16, bottom: 4, containLabel: true },
      xAxis: data.sideways ? amount : words,
      yAxis: data.sideways ? words : amount,
      series: seriesOf(data),
    };
  };

  // Points about a diagonal, each with its interval upwards and downwards; the larger, the more it rests on.
  const whisker = (points) => (params, api) => {
    const { x, low, high } = points[params.dataIndex];
    const [[left, top], [, bottom]] = [api.coord([x, high]), api.coord([x, low])];
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: colour("ink-3"), lineWidth: 1.5 } });
    return { type: "group", children: [line(left, top, left, bottom), line(left - 4, top, left + 4, top), line(left - 4, bottom, left + 4, bottom)] };
  };
  const points = (data, element) => {
    const share = (name) => ({ type: "value", min: 0, max: 100, interval: 20, name: `${name} (${data.unit})`, nameLocation: "middle", nameTextStyle: { color: colour("ink-2") }, ...axis(), axisLabel: { ...axis().axisLabel, margin: 12 } });
    const most = Math.max(...data.points.map((point) => point.count));
    return {
      ...frame(element),
      tooltip: {
        ...frame(element).tooltip,
        formatter: ({ data: drawn }) => {
          const one = drawn?.band;
          return one ? `${data.names.x} ${one.label}: ${number(one.x, data.unit)} on average\n${data.names.y} ${number(one.y, data.unit)} (${number(one.low)} to ${number(one.high, data.unit)})\n${data.names.count}: ${one.count}` : "";
        },
      },
      grid: { left: 30, right: 20, top: 16, bottom: 26, containLabel: true },
      xAxis: { ...share(data.names.x), nameGap: 28 },
      yAxis: { ...share(data.names.y), nameGap: 34 },
      series: [
        { type: "line", data: [[0, 0], [100, 100]], symbol: "none", silent: true, lineStyle: { color: colour("ink-3"), type: "dashed", width: 1.5 } },
        { type: "custom", silent: true, clip: true, renderItem: whisker(data.points), encode: { x: 0, y: [1, 2] }, data: data.points.map(({ x, low, high }) => [x, low, high]) },
        {
          type: "scatter",
          cursor: data.points.some(({ link }) => link) ? "pointer" : "default",
          data: data.points.map((point) => ({ value: [point.x, point.y], band: point, symbolSize: 8 + 12 * Math.sqrt(point.count / most) })),
          itemStyle: { color: colour("accent"), borderColor: colour("surface"), borderWidth: 1 },
        },
      ],
    };
  };

  // “Sep”, as the pages say it.
  const day = (zone) => {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short" });
    return (value) => format.format(new Date(value)).replace("Sept", "Sep");
  };
  // A tile of slanting lines: what may be looks unlike what is, in grey as well.
  const hatching = (tone) => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour(tone);
    pen.lineWidth = 1.5;
    for (const offset of [-8, 0, 8]) {
      pen.moveTo(offset, 8);
      pen.lineTo(offset + 8, 0);
    }
    pen.stroke();
    return { image: tile, repeat: "repeat" };
  };
  const LOOKS = {
    solid: (tone) => ({ fill: colour(tone) }),
    thin: (tone) => ({ fill: colour(tone) }),
    faded: (tone) => ({ fill: colour(tone), opacity: 0.4 }),
    outlined: (tone) => ({ fill: colour("surface"), stroke: colour(tone), lineWidth: 1.5, lineDash: [4, 3] }),
    hatched: (tone) => ({ fill: hatching(tone), stroke: colour(tone), lineWidth: 1 }),
  };
  const shape = (bands) => (params, api) => {
    const { look, tone } = bands[params.dataIndex];
    const [left, y] = api.coord([api.value(1), api.value(0)]);
    const [right] = api.coord([api.value(2), api.value(0)]);
    const height = Math.min(22, api.size([0, 1])[1] * 0.6);
    const [top, high] = look === "thin" ? [y - height / 2 - 4, 4] : [y - height / 2 + 2, height];
    const box = echarts.graphic.clipRectByRect({ x: left, y: top, width: Math.max(2, right - left), height: high }, params.coordSys);
    return box && { type: "rect", shape: { ...box, r: 2 }, style: LOOKS[look](tone) };
  };

  const widthOf = (element) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `12px ${getComputedStyle(element).fontFamily}`;
    return (text) => Math.ceil(pen.measureText(text).width);
  };
  const labelSide = ({ at }, { start, end }) => {
    const share = (Date.parse(at) - Date.parse(start)) / (Date.parse(end) - Date.parse(start));
    if (share > 0.9) return "right";
    return share < 0.1 ? "left" : "center";
  };
  const bands = (data, element) => {
    const { zone } = element.dataset;
    const dayOf = day(zone);
    const names = Math.min(element.clientWidth / 3, Math.max(...data.rows.map(widthOf(element))) + 2);
    return {
      ...frame(element),
      tooltip: {
        ...frame(element).tooltip,
        formatter: ({ data: point }) => (point?.band ? `${point.band.text}\n${point.band.when}` : ""),
      },
      grid: { left: names + 14, right: 16, top: 8 + 15 * data.moments.length, bottom: 24, containLabel: false },
      xAxis: { type: "time", min: data.start, max: data.end, ...axis(), axisLabel: { ...axis().axisLabel, formatter: dayOf } },
      yAxis: { type: "category", inverse: true, data: data.rows, ...axis(), axisLabel: { color: colour("ink-2"), width: names, margin: 8, overflow: "truncate" } },
      series: [
        {
          type: "custom",
          renderItem: shape(data.bands),
          encode: { x: [1, 2], y: 0 },
          data: data.bands.map((band) => ({
            value: [data.rows.indexOf(band.row), band.from, band.to],
            band,
            itemStyle: { color: colour(band.tone) },
          })),
          markLine: {
            silent: true,
            symbol: "none",
            animation: false,
            data: data.moments.map((moment, index) => ({
              xAxis: moment.at,
              // Above the rows (their axis is inverted), each on a line of its own: moments may lie close together.
              label: { formatter: moment.text, color: colour(moment.tone), position: "start", distance: 2, offset: [0, -15 * index], align: labelSide(moment, data) },
              lineStyle: { color: colour(moment.tone), type: "dashed", width: 1.5 },
            })),
          },
        },
      ],
    };
  };

  const textOf = (element) => document.getElementById(element.dataset.chart)?.dataset.chartData;
  const follow = (link) => link && location.assign(link);
  const shown = new WeakMap();
  const heightOf = (data) => {
    if (data.kind === "bands") return 52 + 30 * data.rows.length;
    return data.sideways ? 48 + (12 + 12 * data.series.length) * data.labels.length : 0;
  };
  const begin = (element) => {
    const chart = echarts.init(element, null, { renderer: "canvas" });
    chart.on("click", (event) => {
      follow(event.data?.band?.link || shown.get(element).series[event.seriesIndex]?.links[event.dataIndex]);
    });
    // An area has no points to hit: where it was pressed says which moment is meant.
    chart.getZr().on("click", ({ offsetX, offsetY }) => {
      const { kind, series } = shown.get(element);
      if (kind !== "stacked_areas" || !chart.containPixel("grid", [offsetX, offsetY])) return;
      follow(series[0]?.links[Math.round(chart.convertFromPixel("grid", [offsetX, offsetY])[0])]);
    });
    return chart;
  };
  const draw = (element) => {
    const text = textOf(element);
    if (!text) return;
    const data = JSON.parse(text);
    shown.set(element, data);
    if (heightOf(data)) element.style.height = `${heightOf(data)}px`;
    const chart = echarts.getInstanceByDom(element) || begin(element);
    chart.setOption(({ bands, points }[data.kind] || numbers)(data, element), { notMerge: true });
    chart.resize();
    drawn.set(element, text);
  };
  const drawChanged = () => {
    for (const [element] of drawn) {
      if (element.isConnected) continue;
      echarts.dispose(element);
      drawn.delete(element);
    }
    for (const element of document.querySelectorAll("[data-chart]")) {
      if (drawn.get(element) !== textOf(element)) draw(element);
    }
  };
  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  // A drawn chart's inside is ECharts' own: morphing the fragment round it leaves it alone, drawChanged redraws it.
  const before = Idiomorph.defaults.callbacks.beforeNodeMorphed;
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
    if (old instanceof Element && old.matches("[data-chart]") && drawn.has(old)) return false;
    return before ? before(old, fresh) : true;
  };
  document.addEventListener("htmx:afterSettle", drawChanged);
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  let resizing = 0;
  addEventListener("resize", () => {
    cancelAnimationFrame(resizing);
    resizing = requestAnimationFrame(() => drawn.forEach((_, element) => echarts.getInstanceByDom(element)?.resize()));
  });
  addEventListener("beforeprint", () => drawn.forEach((_, element) => echarts.getInstanceByDom(element)?.resize()));
  drawAll();
})();
