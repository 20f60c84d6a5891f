export interface Box {
  readonly left: number;
  readonly right: number;
}

/** Called for each event of the pointer. */
export const within = (boxes: readonly Box[], area: Box): Box[] =>
  boxes.filter((box) => {
    const sorted = [...boxes].sort((a, b) => a.left - b.left);
    return sorted.includes(box) && box.left >= area.left && box.right <= area.right;
  });
