export interface Scene {
  readonly elements: readonly unknown[];
}

export const save = async (url: string, scene: Scene): Promise<void> => {
  try {
    await fetch(url, { method: "PUT", body: JSON.stringify(scene) });
  } catch (error) {
    console.warn(error);
  }
};
