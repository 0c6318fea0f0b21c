// Moving pictures of people who do not exist, for looking at the page without a second browser.

interface Look {
  readonly wall: readonly [string, string];
  readonly skin: string;
  readonly hair: string;
  readonly shirt: string;
}

const looks: readonly Look[] = [
  { wall: ["#e9c46a", "#f4a261"], skin: "#8d5a3b", hair: "#2b1d16", shirt: "#264653" },
  { wall: ["#a8c5b8", "#5f8f86"], skin: "#f0c9a5", hair: "#6b3e1f", shirt: "#7a2f3c" },
  { wall: ["#c9cfe8", "#8892c4"], skin: "#d9a066", hair: "#1e1b2e", shirt: "#f2f0e6" },
  { wall: ["#f1b8a6", "#c9716a"], skin: "#f5d5b8", hair: "#c98f3c", shirt: "#31506b" },
];

export function paperPerson(index: number): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const brush = canvas.getContext("2d");
  const look = looks[index % looks.length];
  if (brush === null || look === undefined) return new MediaStream();
  const draw = (time: number) => {
    const sway = Math.sin(time / 900 + index) * 8;
    const wall = brush.createLinearGradient(0, 0, 640, 480);
    wall.addColorStop(0, look.wall[0]);
    wall.addColorStop(1, look.wall[1]);
    brush.fillStyle = wall;
    brush.fillRect(0, 0, 640, 480);
    brush.fillStyle = "rgb(255 255 255 / 18%)";
    brush.fillRect(70, 40, 130, 180);
    ellipse(brush, look.shirt, 320 + sway / 2, 500, 190, 150);
    ellipse(brush, look.hair, 320 + sway, 225, 104, 122);
    brush.fillStyle = look.skin;
    brush.fillRect(288 + sway / 2, 300, 64, 70);
    ellipse(brush, look.skin, 320 + sway, 245, 84, 106);
    ellipse(brush, look.hair, 320 + sway, 160, 92, 44);
    for (const side of [-1, 1])
      ellipse(brush, "#2a2320", 320 + sway + side * 32, 240, 7, Math.sin(time / 1300) > 0.97 ? 1 : 8);
    brush.strokeStyle = "#7c3b34";
    brush.lineWidth = 5;
    brush.beginPath();
    brush.arc(320 + sway, 285, 26, 0.25, Math.PI - 0.25);
    brush.stroke();
    requestAnimationFrame(draw);
  };
  draw(0);
  return canvas.captureStream(25);
}

export function paperScreen(): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = 1280;
  canvas.height = 720;
  const brush = canvas.getContext("2d");
  if (brush === null) return new MediaStream();
  const draw = (time: number) => {
    brush.fillStyle = "#fffdf8";
    brush.fillRect(0, 0, 1280, 720);
    brush.fillStyle = "#1b2430";
    brush.font = "600 54px sans-serif";
    brush.fillText("Messages per second", 80, 120);
    for (let bar = 0; bar < 9; bar += 1) {
      const height = 90 + bar * 38 + Math.sin(time / 700 + bar) * 12;
      brush.fillStyle = bar === 8 ? "#ffb42e" : "#a8b3c4";
      brush.fillRect(90 + bar * 124, 640 - height, 84, height);
    }
    requestAnimationFrame(draw);
  };
  draw(0);
  return canvas.captureStream(10);
}

function ellipse(
  brush: CanvasRenderingContext2D,
  colour: string,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  brush.fillStyle = colour;
  brush.beginPath();
  brush.ellipse(x, y, width, height, 0, 0, Math.PI * 2);
  brush.fill();
}
