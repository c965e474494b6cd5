(() => {
  const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

  async function eachFrame(frames, act) {
    const intervals = [];
    let before = await nextFrame();
    for (let frame = 0; frame < frames; frame += 1) {
      act(frame);
      const now = await nextFrame();
      intervals.push(now - before);
      before = now;
    }
    return intervals;
  }

  /** The free canvas beside the nodes, where a drag moves the graph. */
  function pane() {
    const found = document.querySelector(".react-flow__pane");
    const { x, y, width, height } = found.getBoundingClientRect();
    return { found, x: x + width / 2, y: y + height / 2 };
  }

  const mouse = (type, x, y) =>
    new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, cancelable: true, view: window, buttons: 1 });

  window.pan = async (frames) => {
    const { found, x, y } = pane();
    found.dispatchEvent(mouse("mousedown", x, y));
    const intervals = await eachFrame(frames, (frame) => {
      const turn = (frame / 45) * Math.PI;
      window.dispatchEvent(mouse("mousemove", x + 150 * Math.sin(turn), y + 60 * Math.sin(2 * turn)));
    });
    window.dispatchEvent(mouse("mouseup", x, y));
    return intervals;
  };

  window.zoom = async (frames) => {
    const { found, x, y } = pane();
    return eachFrame(frames, (frame) => {
      const deltaY = Math.floor(frame / 30) % 2 === 0 ? -40 : 40;
      found.dispatchEvent(
        new WheelEvent("wheel", { clientX: x, clientY: y, deltaY, bubbles: true, cancelable: true, view: window }),
      );
    });
  };
})();
