/** Whether the newest generation of clients runs here. */
export const isNewNode = Number(process.versions.node.split('.')[0]) >= 22;
