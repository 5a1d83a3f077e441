export { Button, Field, IconButton, SearchField, Tabs, type ITab } from './controls';
export { ConnectionNotice, Empty, Loading, Problem } from './feedback';
export { fetched } from './fetched';
export { KindGlyph, KindIcon, type KindName } from './kinds';
export { Menu, WithMenu, type IMenuItem } from './menu';
export { Popover, WithPopover } from './popover';
export { StateIcon, StatePill, stateWord } from './state';
