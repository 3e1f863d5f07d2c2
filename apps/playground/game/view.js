import { Radius, Size } from './ship.js';

const Hues = ['#5fc7b1', '#8db4ea', '#d39bcf', '#e2a06c', '#b7c76a', '#ec94a8'];
const Scale = 16;
const GridUnits = 256;
const Width = 1_500; // units that are shown across

/** Draws the world around the player's ship. */
export class View {
  #canvas;
  #context;
  #headings = new Map();

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    new ResizeObserver(() => this.#fit()).observe(canvas);
    this.#fit();
  }

  draw({ ship, entities }, you, names) {
    const context = this.#context;
    const { width, height } = this.#canvas;
    const zoom = Math.max(width, height * 1.4) / Width / Scale;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#0b100f';
    context.fillRect(0, 0, width, height);
    context.setTransform(zoom, 0, 0, zoom, width / 2 - ship.x * zoom, height / 2 - ship.y * zoom);
    this.#drawGrid(ship, width / zoom, height / zoom);
    for (const [id, entity] of entities) if (entity.kind === 0) this.#drawSpark(id, entity);
    for (const [id, entity] of entities) if (entity.kind !== 0 && id !== you) this.#drawShip(id, entity, names.get(id));
    this.#drawShip(you ?? 0, ship, '');
  }

  #fit() {
    this.#canvas.width = this.#canvas.clientWidth * devicePixelRatio;
    this.#canvas.height = this.#canvas.clientHeight * devicePixelRatio;
  }

  #drawGrid({ x, y }, width, height) {
    const context = this.#context;
    const unit = GridUnits * Scale;
    context.strokeStyle = '#1b2523';
    context.lineWidth = 24;
    context.beginPath();
    for (let at = Math.max(0, Math.ceil((x - width / 2) / unit)) * unit; at <= Math.min(Size, x + width / 2); at += unit) {
      context.moveTo(at, Math.max(0, y - height / 2));
      context.lineTo(at, Math.min(Size, y + height / 2));
    }
    for (let at = Math.max(0, Math.ceil((y - height / 2) / unit)) * unit; at <= Math.min(Size, y + height / 2); at += unit) {
      context.moveTo(Math.max(0, x - width / 2), at);
      context.lineTo(Math.min(Size, x + width / 2), at);
    }
    context.stroke();
    context.strokeStyle = '#6b7a75';
    context.lineWidth = 48;
    context.strokeRect(0, 0, Size, Size);
  }

  #drawSpark(id, { x, y, worth }) {
    const context = this.#context;
    context.fillStyle = worth > 1 ? '#f3d58a' : '#9fe3d3';
    context.beginPath();
    context.arc(x, y, worth > 1 ? 100 : 56, 0, 7);
    context.fill();
  }

  #drawShip(id, { x, y, kind, worth }, name) {
    const context = this.#context;
    const last = this.#headings.get(id) ?? { x, y, angle: 0 };
    const [dx, dy] = [x - last.x, y - last.y];
    const angle = Math.hypot(dx, dy) > 12 ? Math.atan2(dy, dx) : last.angle;
    this.#headings.set(id, { x, y, angle });
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.fillStyle = kind === 2 ? '#6b7a75' : Hues[id % Hues.length];
    context.beginPath();
    context.moveTo(Radius * 1.25, 0);
    context.lineTo(-Radius, Radius * 0.85);
    context.lineTo(-Radius * 0.55, 0);
    context.lineTo(-Radius, -Radius * 0.85);
    context.fill();
    context.restore();
    if (!name) return;
    context.fillStyle = '#e3eae7';
    context.font = '200px system-ui, sans-serif';
    context.textAlign = 'center';
    context.fillText(worth === undefined ? name : `${name} ${worth}`, x, y - Radius * 1.6);
  }
}
