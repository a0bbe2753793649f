import Glibc
import Posix

/// A terminal in raw mode with the alternate screen; both are restored when the object is destroyed. termios(3)
final class Keyboard {
  /// A pressed key.
  enum Key: Equatable {
    /// A printable ASCII character, tab or return.
    case character(Character)
    /// An arrow key.
    case left, right
    /// Ctrl-C, Ctrl-D, or Escape.
    case quit
  }

  private var before = termios()

  /// Throws if standard input or standard output is no terminal.
  static func check() throws {
    guard isatty(0) == 1, isatty(1) == 1 else {
      throw Failure.impossible("no terminal; run this command in one, over SSH with 'ssh -t'")
    }
  }

  /// Switches to raw mode and the alternate screen.
  init() throws {
    try Self.check()
    guard tcgetattr(0, &before) == 0 else {
      throw Failure.impossible("cannot read the terminal's mode; use another terminal")
    }
    var raw = before
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
    guard tcsetattr(0, TCSAFLUSH, &raw) == 0 else {
      throw Failure.impossible("cannot change the terminal's mode; use another terminal")
    }
    // The alternate screen, without a cursor. xterm's ctlseqs, DECSET 1049 and 25
    Terminal.write(1, "\u{1B}[?1049h\u{1B}[?25l")
  }

  deinit {
    Terminal.write(1, "\u{1B}[?25h\u{1B}[?1049l")
    tcsetattr(0, TCSAFLUSH, &before)
  }

  /// The size in columns and rows; 80 by 24 if unknown. ioctl_tty(2)
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Reads the pressed keys, after poll(2) has reported input; `nil` if the terminal has been closed.
  func keys() -> [Key]? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(0, &bytes, bytes.count)
    if count < 0 { return errno == EINTR || errno == EAGAIN ? [] : nil }
    if count == 0 { return nil }
    var keys: [Key] = []
    var rest = bytes[..<count]
    while let byte = rest.first {
      if byte == 0x1B {
        let sequence = rest.dropFirst().prefix(2)
        if sequence.elementsEqual([0x5B, 0x43]) || sequence.elementsEqual([0x4F, 0x43]) {
          keys.append(.right)
        } else if sequence.elementsEqual([0x5B, 0x44]) || sequence.elementsEqual([0x4F, 0x44]) {
          keys.append(.left)
        } else if rest.count == 1 {
          keys.append(.quit)
        } else {
          // Ignore other escape sequences.
          rest = []
          break
        }
        rest = rest.dropFirst(3)
        continue
      }
      rest = rest.dropFirst()
      if byte == 0x03 || byte == 0x04 { keys.append(.quit) }
      if byte == 0x0D || byte == 0x09 || (0x20...0x7E).contains(byte) {
        keys.append(.character(Character(Unicode.Scalar(byte))))
      }
    }
    return keys
  }
}
