// Where the tiles of a call go, so that up to nine fit without scrolling on any screen.

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Space {
  readonly width: number;
  readonly height: number;
}

export interface Plan {
  readonly tiles: readonly Rect[];
  /** How high the tiles are together; above the space's own height the stage scrolls. */
  readonly height: number;
}

/** Faces survive being cut to a portrait a little; beyond these shapes they do not. */
const narrowest = 2 / 3;
const widest = 16 / 9;
/** From the tenth tile on they stop shrinking, and the stage scrolls instead. */
const unscrolled = 9;
const smallestHeight = 96;

/**
 * As large as they can be, all alike, the last row centred.
 * @param gap pixels between tiles
 */
export function gridPlan(count: number, space: Space, gap: number): Plan {
  if (count === 0 || space.width <= 0 || space.height <= 0) return { tiles: [], height: 0 };
  let best = { area: -1, columns: 1, rows: count, tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cell = {
      width: (space.width - gap * (columns - 1)) / columns,
      height: (space.height - gap * (rows - 1)) / rows,
    };
    if (count > unscrolled) cell.height = Math.max(cell.height, smallestHeight);
    if (cell.width <= 0 || cell.height <= 0) continue;
    const tile = shaped(cell);
    const area = tile.width * tile.height;
    if (area > best.area) best = { area, columns, rows, tile };
  }
  const { columns, rows, tile } = best;
  const high = rows * tile.height + gap * (rows - 1);
  const above = Math.max(0, (space.height - high) / 2);
  const tiles = Array.from({ length: count }, (_, index): Rect => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const rowWidth = inRow * tile.width + gap * (inRow - 1);
    return whole({
      left: (space.width - rowWidth) / 2 + (index % columns) * (tile.width + gap),
      top: above + row * (tile.height + gap),
      ...tile,
    });
  });
  return { tiles, height: high };
}

/** One tile large, the others in a strip beside it, or below it where the space is upright. */
export function spotlightPlan(count: number, large: number, space: Space, gap: number): Plan {
  const others = count - 1;
  if (others === 0 || space.width <= 0 || space.height <= 0) return gridPlan(count, space, gap);
  const beside = space.width > space.height;
  const strip = beside
    ? { width: Math.min(240, space.width * 0.25), height: space.height }
    : { width: space.width, height: Math.min(space.height * 0.3, 200) };
  const stage = beside
    ? { left: 0, top: 0, width: space.width - strip.width - gap, height: space.height }
    : { left: 0, top: 0, width: space.width, height: space.height - strip.height - gap };
  const offset = beside ? { left: stage.width + gap, top: 0 } : { left: 0, top: stage.height + gap };
  const small = gridPlan(others, strip, gap);
  const rest = small.tiles.map((tile) => ({ ...tile, left: tile.left + offset.left, top: tile.top + offset.top }));
  const tiles = Array.from({ length: count }, (_, index): Rect => {
    if (index === large) return whole(stage);
    return rest[index < large ? index : index - 1] ?? whole(stage);
  });
  return { tiles, height: Math.max(space.height, offset.top + small.height) };
}

function shaped(cell: Space): Space {
  const shape = cell.width / cell.height;
  if (shape > widest) return { width: cell.height * widest, height: cell.height };
  if (shape < narrowest) return { width: cell.width, height: cell.width / narrowest };
  return cell;
}

// Half pixels blur the edges of video.
function whole(rect: Rect): Rect {
  return {
    left: Math.floor(rect.left),
    top: Math.floor(rect.top),
    width: Math.floor(rect.width),
    height: Math.floor(rect.height),
  };
}
