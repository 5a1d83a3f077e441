// `jupyter labextension list` says from install.json which package brought the extension. Copied here, not shared by the wheel
// from its own place, as a reinstall over a developer's link would otherwise write it through the link into the sources.
import { copyFileSync } from 'node:fs';

copyFileSync('install.json', '../jupyter_mlops/labextension/install.json');
