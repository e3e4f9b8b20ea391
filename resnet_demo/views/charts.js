// What the pictures and charts do in the browser without asking the server. Loaded once, in the page's head.

// Sort a table by the column of the heading whose button was pressed: numbers largest first, then the other way;
// the first column (network order, in data-value) and texts smallest first. Cells without a value go last.
window.rxSort = function (button) {
  const heading = button.closest("th");
  const headings = [...heading.parentElement.children];
  const column = headings.indexOf(heading);
  const body = heading.closest("table").tBodies[0];
  const value = (row) => row.children[column].dataset.value;
  const rows = [...body.rows];
  const numeric = rows.every((row) => value(row) === undefined || value(row).trim() !== "" && !isNaN(value(row)));
  const startsAscending = column === 0 || !numeric;
  const before = heading.getAttribute("aria-sort");
  const ascending = before === "none" ? startsAscending : before === "descending";
  const compare = (a, b) => (numeric ? a - b : a.localeCompare(b)) * (ascending ? 1 : -1);
  rows.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === undefined || right === undefined) return (left === undefined) - (right === undefined);
    return compare(left, right);
  });
  body.append(...rows);
  headings.forEach((other) => other.setAttribute("aria-sort", "none"));
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
};

// SVG groups with role="button" answer to Enter and Space, as real buttons do.
document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (!(target instanceof SVGElement) || target.getAttribute("role") !== "button") return;
  if (event.key !== "Enter" && event.key !== " ") return;
  event.preventDefault();
  target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
});
