// @ts-check
// A few seconds of somebody in front of a camera, drawn: what Chromium's fake camera plays for the screenshots.
import { writeFileSync } from "node:fs";

const width = 640;
const height = 360;
const frames = 24;

/** @typedef {readonly [red: number, green: number, blue: number]} Colour */

/** @type {Readonly<Record<string, { wall: readonly [Colour, Colour], skin: Colour, hair: Colour, cloth: Colour, lamp: readonly [number, number, number], at: number }>>} */
const looks = {
  dusk: {
    wall: [
      [247, 190, 120],
      [150, 88, 116],
    ],
    skin: [240, 198, 168],
    hair: [72, 42, 38],
    cloth: [44, 62, 92],
    lamp: [0.82, 0.24, 0.1],
    at: 0.46,
  },
  forest: {
    wall: [
      [196, 214, 178],
      [60, 104, 88],
    ],
    skin: [172, 122, 92],
    hair: [34, 28, 28],
    cloth: [226, 178, 84],
    lamp: [0.16, 0.3, 0.13],
    at: 0.53,
  },
  sea: {
    wall: [
      [190, 222, 238],
      [56, 96, 150],
    ],
    skin: [250, 214, 190],
    hair: [206, 134, 62],
    cloth: [178, 62, 72],
    lamp: [0.76, 0.2, 0.08],
    at: 0.5,
  },
};

/**
 * Writes YUV4MPEG2 with 4:2:0 planes.
 * @param {string} path
 * @param {string} name of a look
 */
export function writePortrait(path, name) {
  const look = looks[name];
  if (look === undefined) throw new Error(`There is no look ${name}.`);
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F12:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < frames; frame += 1) {
    parts.push(Buffer.from("FRAME\n"), planes(look, Math.sin((2 * Math.PI * frame) / frames)));
  }
  writeFileSync(path, Buffer.concat(parts));
}

/**
 * @param {NonNullable<(typeof looks)[string]>} look
 * @param {number} sway from -1 to 1
 */
function planes(look, sway) {
  const luma = Buffer.alloc(width * height);
  const blue = Buffer.alloc((width * height) / 4);
  const red = Buffer.alloc((width * height) / 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [r, g, b] = colourAt(look, sway, x / height, y / height);
      luma[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b;
      if (x % 2 === 0 && y % 2 === 0) {
        const at = (y / 2) * (width / 2) + x / 2;
        blue[at] = 128 - 0.1687 * r - 0.3313 * g + 0.5 * b;
        red[at] = 128 + 0.5 * r - 0.4187 * g - 0.0813 * b;
      }
    }
  }
  return Buffer.concat([luma, blue, red]);
}

/**
 * @param {NonNullable<(typeof looks)[string]>} look
 * @param {number} sway
 * @param {number} x in heights of the picture
 * @param {number} y
 * @returns {Colour}
 */
function colourAt({ wall, skin, hair, cloth, lamp, at }, sway, x, y) {
  const middle = at * (width / height) + sway * 0.012;
  const lift = sway * 0.006;
  // In planes of one colour each, which keep the pictures small: the wall, and a hanging on it.
  let colour = mix(wall[0], wall[1], 0.25);
  colour = mix(
    colour,
    wall[1],
    0.45 * inside(Math.max(0, Math.abs(x - (1 - at) * 1.78) - 0.3), y - 0.1, 0.02, 0.55, 0.02),
  );
  const [lampX, lampY, lampSize] = lamp;
  colour = mix(colour, [255, 244, 214], 0.75 * inside(x - lampX * 1.78, y - lampY, lampSize, lampSize, 0.9));
  // Back to front: hair behind, neck, shoulders, face, fringe, features.
  colour = mix(colour, hair, inside(x - middle, y - 0.42 - lift, 0.185, 0.235, 0.04));
  colour = mix(colour, shade(skin, 0.86), inside(x - middle, y - 0.66 - lift, 0.072, 0.15, 0.06));
  colour = mix(colour, cloth, inside(x - middle, y - 1.1, 0.42, 0.4, 0.03));
  colour = mix(colour, skin, inside(x - middle, y - 0.45 - lift, 0.138, 0.185, 0.03));
  colour = mix(colour, hair, inside(x - middle - 0.01, y - 0.27 - lift, 0.165, 0.085, 0.05));
  for (const side of [-1, 1]) {
    const eye = x - middle - side * 0.052 - sway * 0.004;
    colour = mix(colour, [40, 34, 40], inside(eye, y - 0.44 - lift, 0.014, 0.017, 0.2));
    colour = mix(colour, hair, 0.8 * inside(eye, y - 0.398 - lift, 0.03, 0.006, 0.3));
    colour = mix(colour, [228, 120, 110], 0.3 * inside(x - middle - side * 0.075, y - 0.51 - lift, 0.035, 0.028, 0.8));
  }
  const smile = y - 0.545 - lift + 14 * (x - middle) ** 2 * 0.35;
  return mix(colour, [150, 60, 62], 0.9 * inside(x - middle, smile, 0.05, 0.009, 0.3));
}

/**
 * How much of a point lies in an ellipse around 0, 0.
 * @param {number} x
 * @param {number} y
 * @param {number} across half of the width
 * @param {number} down half of the height
 * @param {number} soft share of the radius over which the edge fades
 */
function inside(x, y, across, down, soft) {
  const distance = Math.hypot(x / across, y / down);
  return Math.min(1, Math.max(0, (1 - distance) / soft + 0.5));
}

/**
 * @param {Colour} one
 * @param {Colour} other
 * @param {number} share of the other
 * @returns {Colour}
 */
function mix(one, other, share) {
  const part = Math.min(1, Math.max(0, share));
  return [
    one[0] + (other[0] - one[0]) * part,
    one[1] + (other[1] - one[1]) * part,
    one[2] + (other[2] - one[2]) * part,
  ];
}

/**
 * @param {Colour} colour
 * @param {number} by
 * @returns {Colour}
 */
function shade([red, green, blue], by) {
  return [red * by, green * by, blue * by];
}
