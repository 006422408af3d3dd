// A photo made smaller before it is sent: a phone's picture of 8 MB needs minutes on a weak network.
// Time and place that the camera wrote into it go along; the server reads them and shows them to
// nobody but staff.

const LARGEST_BYTES = 1_500_000;
const SIDE = 2560;
const QUALITY = 0.85;
const SOI = 0xffd8;
const APP1 = 0xffe1;
const EXIF = 0x45786966;
const ORIENTATION = 0x0112;

/** The photo itself when it is small, no photo, or cannot be read here: the server will say. */
export async function shrunk(file: File): Promise<Blob> {
  if (file.size <= LARGEST_BYTES || !["image/jpeg", "image/webp", "image/png"].includes(file.type)) {
    return file;
  }
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file;
  }
  const ratio = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * ratio);
  canvas.height = Math.round(picture.height * ratio);
  const drawing = canvas.getContext("2d");
  drawing?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const smaller = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!drawing || !smaller || smaller.size >= file.size) return file;
  const exif = exifOf(await file.slice(0, 256 * 1024).arrayBuffer());
  return exif ? new Blob([smaller.slice(0, 2), exif, smaller.slice(2)], { type: "image/jpeg" }) : smaller;
}

/** The segment with what the camera wrote, the picture called upright: its pixels now are. */
export function exifOf(head: ArrayBuffer): ArrayBuffer | undefined {
  const view = new DataView(head);
  if (view.byteLength < 4 || view.getUint16(0) !== SOI) return undefined;
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const length = view.getUint16(at + 2);
    if (view.getUint16(at) === APP1 && view.getUint32(at + 4) === EXIF) {
      if (at + 2 + length > view.byteLength) return undefined;
      const segment = head.slice(at, at + 2 + length);
      setUpright(new DataView(segment));
      return segment;
    }
    at += 2 + length;
  }
  return undefined;
}

function setUpright(segment: DataView): void {
  const tiff = 10;
  if (segment.byteLength < tiff + 10) return;
  const little = segment.getUint16(tiff) === 0x4949;
  const ifd = tiff + segment.getUint32(tiff + 4, little);
  if (ifd + 2 > segment.byteLength) return;
  const count = segment.getUint16(ifd, little);
  for (let entry = ifd + 2; entry < ifd + 2 + count * 12; entry += 12) {
    if (entry + 12 > segment.byteLength) return;
    if (segment.getUint16(entry, little) === ORIENTATION) segment.setUint16(entry + 8, 1, little);
  }
}
