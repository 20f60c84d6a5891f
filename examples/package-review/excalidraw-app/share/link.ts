export const linkTo = (room: string, key: string): string => `#room=${room},${key}`;
