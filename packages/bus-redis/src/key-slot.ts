const SLOTS = 16_384;
const TABLE = makeTable();

/** The slot of a key in a Redis Cluster: CRC16 of what stands in the first braces, else of the whole key. */
export function keySlot(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  let crc = 0;
  for (const byte of Buffer.from(close > open + 1 ? key.slice(open + 1, close) : key)) {
    crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >> 8) ^ byte]!;
  }
  return crc % SLOTS;
}

/** CRC16/XMODEM. */
function makeTable(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, index) => {
    let crc = index << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    return crc & 0xffff;
  });
}
