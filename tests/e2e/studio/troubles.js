// What is wrong with a page as it stands: scrolling sideways, text that is cut off, text on text.
() => {
  const said = new Set();
  const words = (text) => text.trim().replace(/\s+/g, " ").slice(0, 60);
  const clips = (overflow) => overflow === "hidden" || overflow === "clip";
  // Tables of data and code are wider than their place by nature, and scroll by themselves.
  const wide = "[role=grid], [role=table], pre, .cm-editor";
  const skipped = ".react-flow__viewport, .cm-editor, [aria-hidden=true], .mantine-VisuallyHidden-root, option";

  for (const element of document.querySelectorAll("html, body *")) {
    const { overflowX } = getComputedStyle(element);
    const scrolls = element === document.documentElement || overflowX === "auto" || overflowX === "scroll";
    if (!scrolls || element.scrollWidth <= element.clientWidth + 1 || element.clientWidth === 0) continue;
    if (element.closest(wide) || element.querySelector(wide)) continue;
    said.add(`scrolls sideways: ${element.id || element.className || element.tagName} is ${element.scrollWidth} wide`);
  }

  /** The first ancestor that cuts the box off without saying so by an ellipsis. */
  function cutter(element, box) {
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") return null;
      if (["auto", "scroll"].includes(style.overflowY) || style.position === "fixed") return null;
      const around = each.getBoundingClientRect();
      if (around.width <= 1 || around.height <= 1) return null; // for screen readers alone
      const beyond = box.right > around.right + 2 || box.left < around.left - 2;
      const below = box.bottom > around.bottom + 4 || box.top < around.top - 4;
      if ((clips(style.overflowX) && beyond) || (clips(style.overflowY) && below)) return each;
    }
    return null;
  }

  /** What of the box can be seen at most. */
  function visible(element, box) {
    let { left, right, top, bottom } = box;
    for (let each = element; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      const around = each.getBoundingClientRect();
      if (style.overflowX !== "visible") [left, right] = [Math.max(left, around.left), Math.min(right, around.right)];
      if (style.overflowY !== "visible") [top, bottom] = [Math.max(top, around.top), Math.min(bottom, around.bottom)];
    }
    return { left, right, top, bottom };
  }

  /** Whether what stands above lies on a ground of its own, as a menu does: it covers the other, and both are read. */
  function covered(above, below) {
    for (let each = above; each && !each.contains(below); each = each.parentElement) {
      if (!/^(transparent|rgba\(.*, 0(\.\d+)?\))$/.test(getComputedStyle(each).backgroundColor)) return true;
    }
    return false;
  }

  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (node.data.trim() === "" || element.closest(skipped) || getComputedStyle(element).visibility === "hidden") continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 2 || box.height < 2) continue;
      if (cutter(element, box)) said.add(`cut off: ${words(node.data)}`);
      // What lies below a dialog, or is scrolled out of sight, is nobody's trouble.
      const shown = visible(element, box);
      if (shown.right - shown.left < 2 || shown.bottom - shown.top < 2) continue;
      const top = document.elementFromPoint((shown.left + shown.right) / 2, (shown.top + shown.bottom) / 2);
      if (top && (element.contains(top) || top.contains(element))) seen.push({ node, box: shown });
    }
  }
  seen.forEach(({ node, box }, index) => {
    for (const other of seen.slice(index + 1)) {
      if (other.node === node) continue;
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (across <= 3 || down <= 4) continue;
      const [one, two] = [node.parentElement, other.node.parentElement];
      const x = Math.max(box.left, other.box.left) + across / 2;
      const top = document.elementFromPoint(x, Math.max(box.top, other.box.top) + down / 2);
      if (one.contains(top) ? !covered(one, two) : !two.contains(top) || !covered(two, one)) said.add(`text on text: ${words(node.data)} | ${words(other.node.data)}`);
    }
  });
  return [...said];
}
