// `painted(all)`: when the first node and when `all` nodes were painted, ms since the navigation, or null before they
// are. They can be seen in one frame, and are on the screen by the next.
(() => {
  const turns = [];

  (function look() {
    const last = turns.at(-1);
    if (last && last.at === null) last.at = performance.now();
    const canvas = document.querySelector('.react-flow:not([data-placed="false"])');
    const nodes = canvas ? canvas.querySelectorAll(".react-flow__node").length : 0;
    if (nodes > (last?.nodes ?? 0)) turns.push({ nodes, at: null });
    requestAnimationFrame(look);
  })();

  window.painted = (all) => {
    const end = turns.find(({ nodes, at }) => nodes >= all && at !== null);
    return end ? { first: turns[0].at, all: end.at } : null;
  };
})();
