// An engine nobody here wrote (npm simple-hl7), and the least that turns its orders into worklist files.
// usage: node glue.js PORT AE_FOLDER   (AE_FOLDER = <dfp>/<AE title>, with a file "lockfile" in it)
// It reports nothing to anybody. "latin1" = one character per byte, so every field is byte-exact.
'use strict';
const fs = require('fs'), path = require('path'), crypto = require('crypto');
const { execFileSync } = require('child_process');
const hl7 = require('simple-hl7');
const [port, folder] = [Number(process.argv[2]), path.resolve(process.argv[3])];
const swallow = path.join(__dirname, 'swallow');             // exists: AA, but nothing is written
const marks = { F: '|', S: '^', T: '&', R: '~', E: '\\' };
const plain = text => text.replace(/\\([FSTRE])\\/g, (_, mark) => marks[mark]);

function order(raw) {                                        // raw: VT + message + FS CR
  const segments = raw.slice(1, -2).split(/[\r\n]+/).map(line => line.split('|'));
  segments[0].splice(1, 0, '|');                             // so that MSH-n is index n, as in the others
  const get = (name, field, part) => plain((((segments.find(s => s[0] === name) || [])[field] || '')
    .split('~')[0].split('^')[part - 1]) || '');
  const placer = get('ORC', 2, 1), hash = crypto.createHash('sha1').update(placer).digest('hex');
  const utf8 = get('MSH', 18, 1).startsWith('UNICODE');
  const row = (tag, vr, value) => `(${tag}) ${vr} [${value.replace(/[\r\n\\]/g, ' ')}]`;
  return { what: get('ORC', 1, 1), file: path.join(folder, hash + '.wl'), dump: Buffer.from([
    row('0008,0005', 'CS', utf8 ? 'ISO_IR 192' : 'ISO_IR 100'), row('0008,0050', 'SH', hash.slice(0, 16)),
    row('0010,0010', 'PN', get('PID', 5, 1) + '^' + get('PID', 5, 2)), row('0010,0020', 'LO', get('PID', 3, 1)),
    row('0010,0030', 'DA', get('PID', 7, 1)), row('0010,0040', 'CS', get('PID', 8, 1)),
    row('0020,000d', 'UI', '2.25.' + BigInt('0x' + hash.slice(0, 30))), row('0032,1060', 'LO', get('OBR', 4, 2)),
    '(0040,0100) SQ', '(fffe,e000) -',
    row('0008,0060', 'CS', get('OBR', 24, 1)), row('0040,0001', 'AE', 'DUMMY'), row('0040,0002', 'DA', '20300101'),
    row('0040,0003', 'TM', '080000'), row('0040,0007', 'LO', get('OBR', 4, 2)), row('0040,0009', 'SH', hash.slice(0, 16)),
    '(fffe,e00d) -', '(fffe,e0dd) -',
    row('0040,1001', 'SH', hash.slice(0, 16)), row('0040,2016', 'LO', placer), ''].join('\n'), 'latin1') };
}

const app = hl7.tcp();
app.use((req, res) => {
  try {
    const found = order(req.raw);
    if (!['NW', 'CA'].includes(found.what)) res.ack.getSegment('MSA').setField(1, 'AR');
    else if (fs.existsSync(swallow)) { /* accepted, and forgotten */ }
    else if (found.what === 'CA') fs.rmSync(found.file, { force: true });
    else {
      fs.writeFileSync(found.file + '.dump', found.dump);    // the worklist server reads names that end in ".wl" only
      execFileSync('dump2dcm', ['-q', '+te', found.file + '.dump', found.file + '.part'], { stdio: 'ignore' });
      fs.rmSync(found.file + '.dump'); fs.renameSync(found.file + '.part', found.file);
    }
  } catch (error) { res.ack.getSegment('MSA').setField(1, 'AE'); }
  res.socket.write(Buffer.from('\x0b' + res.ack.toString() + '\r\x1c\r', 'latin1'));  // res.end() would write UTF-8
});
app.use((error, req, res, next) => console.error(String(error)));
app.start({ host: '127.0.0.1', port }, 'latin1');            // an object: a bare number would listen everywhere
