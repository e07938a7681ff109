export function judgeLayering(root: string): Promise<{ readonly text: string; readonly isSound: boolean }>;
