"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const show = (target) => {
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    if (target) target.scrollIntoView();
  };
  const follow = () => location.hash && show(document.getElementById(decodeURIComponent(location.hash.slice(1))));
  addEventListener("hashchange", follow);
  follow();
  addEventListener("beforeprint", () => document.querySelectorAll("details:not(.spec)").forEach((node) => { node.open = true; }));

  const pixel = document.getElementById("pixel");
  if (pixel) pixel.addEventListener("change", () => document.querySelectorAll(".audit").forEach((node) => { node.hidden = node.id !== pixel.value; }));

  const canvas = document.getElementById("canvas"), choice = document.getElementById("map");
  if (!canvas) return;
  const colour = (code) => {
    if (code === 1) return "#e8f3fb";
    const at = (code - 2) / 253 * 20 - 4;             // the power of ten
    const mix = (a, b, t) => a.map((x, i) => Math.round(x + (b[i] - x) * t));
    const rgb = at <= 0 ? mix([198, 219, 239], [33, 113, 181], (at + 4) / 4) : mix([251, 106, 74], [127, 0, 16], Math.min(1, at / 12));
    return `rgb(${rgb})`;
  };
  const draw = () => {
    const map = data.maps[choice.value], place = data.places[map.place];
    const codes = bytes(map.codes), x = new Int32Array(bytes(place.x).buffer), y = new Int32Array(bytes(place.y).buffer);
    const low = [Math.min(...place.range.x), Math.min(...place.range.y)], size = [place.range.x[1] - low[0] + 1, place.range.y[1] - low[1] + 1];
    const scale = Math.min(720 / size[0], 480 / size[1]), dot = Math.max(2.5, scale);
    canvas.width = Math.ceil(size[0] * scale); canvas.height = Math.ceil(size[1] * scale);
    const pen = canvas.getContext("2d");
    const order = Array.from(codes.keys()).sort((a, b) => codes[a] - codes[b]);
    for (const i of order) if (codes[i]) { pen.fillStyle = colour(codes[i]); pen.fillRect((x[i] - low[0]) * scale, (y[i] - low[1]) * scale, dot, dot); }
  };
  choice.addEventListener("change", draw);
  draw();
})();
