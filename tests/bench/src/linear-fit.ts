/** Least squares: `y ≈ intercept + slope · x`. Needs two different x. */
export function linearFit(points: readonly { x: number; y: number }[]): { slope: number; intercept: number } {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  let above = 0;
  let below = 0;
  for (const { x, y } of points) {
    above += (x - meanX) * (y - meanY);
    below += (x - meanX) ** 2;
  }
  const slope = above / below;
  return { slope, intercept: meanY - slope * meanX };
}
