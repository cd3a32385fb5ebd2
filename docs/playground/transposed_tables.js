"use strict";
/** The tables of the transposed-convolution bench: cells to edit and cells to look at. */
const Tables = (() => {
  /** Four significant digits, a true minus sign. */
  const format = (value) => `${Number(value.toPrecision(4))}`.replace("-", "−");

  function tableOf(rows, cols, cell) {
    return Array.from({ length: rows }, (_, r) => {
      const row = document.createElement("tr");
      for (let c = 0; c < cols; c++) row.append(cell(r, c));
      return row;
    });
  }

  /** Fill `place` with number fields for a grid; `name` labels them, `changed` runs after each edit. */
  function editable(place, grid, name, changed) {
    const table = document.createElement("table");
    const field = (r, c) => {
      const [cell, input] = [document.createElement("td"), document.createElement("input")];
      Object.assign(input, { type: "number", step: "any", autocomplete: "off", value: grid.data[r * grid.cols + c] });
      input.setAttribute("aria-label", `${name}, row ${r + 1}, column ${c + 1}`);
      input.addEventListener("input", changed);
      cell.append(input);
      return cell;
    };
    table.append(...tableOf(grid.rows, grid.cols, field));
    place.replaceChildren(table);
  }

  /** The grid typed into the fields of `place`; an empty or unreadable field is refused. */
  function typed(place) {
    const rows = Array.from(place.querySelectorAll("tr"), (row) =>
      Array.from(row.querySelectorAll("input"), (input) => {
        if (!Number.isFinite(input.valueAsNumber)) throw new RangeError(`${input.ariaLabel}: a number is missing`);
        return input.valueAsNumber;
      }),
    );
    return Grid.fromRows(rows);
  }

  /** Show a grid and its title: `text` and `kind` give the words and the class of the cell at (row, col). */
  function show(name, title, grid, kind, text = (r, c) => format(grid.data[r * grid.cols + c])) {
    const cell = (r, c) => {
      const made = document.createElement("td");
      [made.textContent, made.className] = [text(r, c), kind(r, c)];
      return made;
    };
    document.getElementById(`${name}-title`).textContent = title;
    document.getElementById(`${name}-grid`).replaceChildren(...tableOf(grid.rows, grid.cols, cell));
  }

  return { format, editable, typed, show };
})();
