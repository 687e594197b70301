import type { Errno } from '../core/errno.ts';
import type { TcpSocket } from '../transport/tcp/socket.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { LineReader } from './line-reader.ts';
import type { ProgramHost } from './program-host.ts';
import type { Service } from './service.ts';
import { TcpOutbox } from './tcp-outbox.ts';
import { startTcpServer, type TcpServerOptions } from './tcp-server.ts';

/**
 * The control connection of an FTP server (RFC 959), as far as one sees who answers: greeting, login, questions about
 * itself. Whatever would open a data connection is answered with 502.
 */
export function startFtpServer(host: ProgramHost, options: TcpServerOptions, banner: string): Service | Errno {
  return startTcpServer(host, options, (socket) => serveFtp(socket, banner));
}

function serveFtp(socket: TcpSocket, banner: string): void {
  const outbox = new TcpOutbox(socket);
  const reader = new LineReader(512);
  const login: Login = { user: '', isIn: false };
  let closing = false;
  say(`220 ${banner}`);
  socket.onData = (data) => {
    if (closing) return;
    reader.push(data);
    for (let line = reader.line(); line !== undefined && !closing; line = reader.line()) {
      if (typeof line === 'string') say(replyTo(line, login));
      else closeWith('500 Line too long.');
    }
  };
  socket.onEnd = () => {
    if (!closing) outbox.close();
    closing = true;
  };

  function say(reply: string): void {
    outbox.write(encodeUtf8(`${reply}\r\n`));
    if (!reply.startsWith('221 ')) return;
    closing = true;
    outbox.close();
  }

  function closeWith(reply: string): void {
    say(reply);
    closing = true;
    outbox.close();
  }
}

interface Login {
  user: string;
  isIn: boolean;
}

/** The reply to one command, and what it does to the login. */
function replyTo(line: string, login: Login): string {
  const [, verb = '', argument = ''] = /^(\S*)(?: (.*))?$/.exec(line) ?? [];
  switch (verb.toUpperCase()) {
    case 'USER':
      if (argument === '') return '501 Syntax error in parameters.';
      login.user = argument;
      login.isIn = false;
      return `331 Password required for ${argument}.`;
    case 'PASS':
      if (login.user === '') return '503 Login with USER first.';
      login.isIn = true;
      return `230 User ${login.user} logged in.`;
    case 'SYST':
      return '215 UNIX Type: L8';
    case 'NOOP':
      return '200 NOOP command successful.';
    case 'QUIT':
      return '221 Goodbye.';
    case 'PWD':
      return login.isIn ? '257 "/" is current directory.' : '530 Please login with USER and PASS.';
    case '':
      return '500 Syntax error, command unrecognized.';
    default:
      return '502 Command not implemented.';
  }
}
