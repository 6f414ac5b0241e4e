export async function openChromium() {
  throw new Error("later");
}
