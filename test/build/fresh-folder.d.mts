export const freshFolder: (place: string) => string;
export const takePlace: (fresh: string, place: string) => void;
