"""What the policy of a page must allow for reading codes with the device's camera."""

from csp.decorators import csp_update

# The decoder is WebAssembly, which is compiled in the browser: this allows that and no other code from text. Only for
# pages with a field for it (`data-camera-scan`), which include `_camera.html` among their scripts and
# `record.css` among their styles.
reads_with_camera = csp_update({"script-src": ["'wasm-unsafe-eval'"]})
