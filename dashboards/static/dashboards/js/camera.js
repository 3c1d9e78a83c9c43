// Reads Data Matrix, Code 128 and QR codes with the device's camera into any field that bears `data-camera-scan`, and
// sends the field's form. Everything is decoded here: no picture leaves the device, and reading needs no network.
// `data-camera-scan="many"`: the camera stays on for the next code, and the form keeps by itself what no server answered.
// `data-camera-scan="fill"`: the field is one of several, and the person sends the form.
(() => {
  const { decoder, wasm } = document.currentScript.dataset;
  const SYMBOLS = ["DataMatrix", "Code128", "QRCode"];
  const PAUSE_MS = 80;
  const WIDEST = 1280;
  const FRAME = { width: 0.9, height: 0.7 }; // of the picture: what is outside may be another label
  const GONE_AFTER = 8; // looks without it, then the same code may be meant again
  const TROUBLE = {
    NotAllowedError: "The camera is not allowed here. Allow it for this site in the browser's settings (the sign beside the address), then press Camera again. Until then use a scanner or type the code.",
    NotFoundError: "This device has no camera that could be used. Use a scanner or type the code.",
    NotReadableError: "Another program uses the camera. Close it and press Camera again, or type the code.",
  };
  const OTHER_TROUBLE = "The camera could not be started. Use a scanner or type the code.";
  const NO_DECODER = "Reading by camera could not be loaded: is there a network? Use a scanner or type the code.";
  const AIM = "Hold one code inside the frame.";
  const SEVERAL = "Several codes are in the frame: hold one alone.";
  const OFFLINE = "There is no network. It is sent as soon as there is.";
  const NO_ANSWER = "No answer from the server. Send it again when the network is back.";

  let loading = null;
  const load = () => {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = decoder;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    }).then(() => ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true }));
    loading.catch(() => { loading = null; }); // asked again with the next press
    return loading;
  };

  const element = (tag, className, text = "") => {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  };
  const button = (icon, text) => {
    const made = element("button", "btn camera-button");
    made.type = "button";
    made.append(element("i", `ti ${icon}`), ` ${text}`);
    made.firstChild.setAttribute("aria-hidden", "true");
    return made;
  };
  // GS1's say so of themselves: their digits alone could be anything.
  const textOf = (found) => (found.contentType === "GS1" ? found.symbologyIdentifier + found.text : found.text);

  const attach = (field) => {
    if (!field.form || field.dataset.cameraReady) return;
    field.dataset.cameraReady = "1";
    const staysOn = field.dataset.cameraScan === "many";
    const isFilled = field.dataset.cameraScan === "fill";
    const open = button("ti-camera", "Camera");
    const close = button("ti-camera-off", "Stop camera");
    const panel = element("div", "camera");
    const view = element("div", "camera-view");
    const video = element("video", "camera-picture");
    const words = element("p", "camera-words");
    const kept = element("p", "camera-kept");
    const canvas = document.createElement("canvas");
    let stream = null;
    let before = "";
    let taken = "";
    let without = 0;

    video.muted = video.playsInline = true;
    video.setAttribute("aria-hidden", "true");
    words.setAttribute("role", "status");
    kept.setAttribute("role", "status");
    view.append(video, element("div", "camera-frame"));
    panel.append(words, view, close);
    panel.hidden = kept.hidden = true;
    const place = document.querySelector(`[data-camera-place="${field.id}"]`);
    if (place) place.append(panel);
    else (field.closest("[data-camera-line]") ?? field).after(panel);
    panel.after(kept);
    field.after(open);

    const say = (text) => { if (words.textContent !== text) words.textContent = text; };
    const stop = () => {
      stream?.getTracks().forEach((track) => track.stop());
      stream = video.srcObject = null;
      view.hidden = close.hidden = true;
      open.hidden = false;
    };
    const keep = (why) => {
      kept.hidden = !why;
      kept.replaceChildren(...(why ? [element("strong", "", "Read, not verified yet."), ` ${why}`] : []));
    };
    const send = () => {
      if (staysOn) return field.form.requestSubmit(); // it keeps what is not answered
      if (!navigator.onLine) return keep(OFFLINE);
      keep("The server is asked.");
      field.form.requestSubmit();
    };
    const take = (text) => {
      taken = text;
      navigator.vibrate?.(60);
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      say(`Read: ${text}`);
      if (!staysOn) {
        stop();
        field.focus();
      }
      if (!isFilled) send();
    };
    // Twice the same in a row, and only inside the frame.
    const judge = (texts) => {
      if (texts.length > 1) {
        before = "";
        return say(SEVERAL);
      }
      const [text = ""] = texts;
      const again = text && text === before;
      before = text;
      without = text ? 0 : without + 1;
      if (without === GONE_AFTER) {
        taken = "";
        say(AIM);
      }
      if (again && text !== taken) take(text);
    };
    const picture = () => {
      const [width, height] = [video.videoWidth * FRAME.width, video.videoHeight * FRAME.height];
      const scale = Math.min(1, WIDEST / width);
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      const drawing = canvas.getContext("2d", { willReadFrequently: true });
      const [left, top] = [(video.videoWidth - width) / 2, (video.videoHeight - height) / 2];
      drawing.drawImage(video, left, top, width, height, 0, 0, canvas.width, canvas.height);
      return drawing.getImageData(0, 0, canvas.width, canvas.height);
    };
    const look = async (own) => {
      while (stream === own) {
        if (!field.isConnected) return stop(); // its dialog was closed
        if (video.videoWidth) {
          const found = await ZXingWASM.readBarcodes(picture(), { formats: SYMBOLS, maxNumberOfSymbols: 4 });
          if (stream === own) judge([...new Set(found.filter((one) => one.isValid).map(textOf))]);
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    };
    const start = async () => {
      panel.hidden = view.hidden = close.hidden = false;
      open.hidden = true;
      before = taken = "";
      say("The camera starts …");
      try {
        const [own] = await Promise.all([
          navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: "environment" }, width: { ideal: WIDEST } } }),
          load().catch(() => { throw new DOMException(NO_DECODER, "NoDecoder"); }),
        ]);
        stream = video.srcObject = own;
        await video.play();
        say(AIM);
        close.focus();
        await look(own);
      } catch (error) {
        stop();
        open.focus();
        say(error.name === "NoDecoder" ? NO_DECODER : TROUBLE[error.name] ?? OTHER_TROUBLE);
      }
    };

    // A phone may be out of reach of the network when it has to read: it has everything as soon as the field is there.
    if (matchMedia("(pointer: coarse)").matches && !navigator.connection?.saveData) load().catch(() => {});
    open.addEventListener("click", start);
    close.addEventListener("click", () => {
      stop();
      panel.hidden = true;
      open.focus();
    });
    document.addEventListener("visibilitychange", () => document.hidden && stop());
    window.addEventListener("pagehide", stop);
    field.form.addEventListener("htmx:sendError", () => taken && keep(NO_ANSWER));
    field.form.addEventListener("htmx:afterRequest", (event) => event.detail.successful && keep(""));
    window.addEventListener("online", () => {
      if (!kept.hidden && field.isConnected && field.value === taken) send();
    });
  };

  const ready = async () => {
    if (!navigator.mediaDevices?.getUserMedia) return; // no camera, or a page that is not protected
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    if (!devices.some((one) => one.kind === "videoinput")) return;
    const attachAll = () => document.querySelectorAll("[data-camera-scan]").forEach(attach);
    attachAll();
    document.addEventListener("htmx:load", attachAll);
  };
  document.addEventListener("DOMContentLoaded", ready);
})();
