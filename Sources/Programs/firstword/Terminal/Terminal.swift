import Foundation
import Glibc
import Posix
import Synchronization

/// What a person sees: colours only on a terminal, progress only where somebody watches.
enum Terminal {
  private static let plain = getenv("NO_COLOR") != nil || getenv("TERM").map { String(cString: $0) } == "dumb"
  static let outputHasColour = isatty(1) == 1 && !plain
  private static let errorHasColour = isatty(2) == 1 && !plain
  private static let watched = isatty(2) == 1

  /// SGR parameters. ECMA-48
  enum Colour: Int {
    case bold = 1
    case faint = 2
    case red = 31
    case green = 32
    case yellow = 33
  }

  /// The text in a colour, if standard output shows colours.
  static func paint(_ text: String, _ colour: Colour) -> String {
    outputHasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// An error, on standard error.
  static func complain(_ message: String) {
    let name = errorHasColour ? "\u{1B}[31mfirstword:\u{1B}[0m" : "firstword:"
    write(2, "\(name) \(message)\n")
  }

  /// A remark for the person, on standard error, so that standard output stays for results.
  static func remark(_ message: String) { write(2, "\(message)\n") }

  static func write(_ descriptor: Int32, _ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Asks for a passphrase without showing it; on no terminal, the first line of standard input.
  ///
  /// `nil` where nothing was given.
  static func passphrase(_ prompt: String) -> [UInt8]? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    let source = descriptor >= 0 ? descriptor : 0
    defer { if descriptor >= 0 { close(descriptor) } }
    var before = termios()
    let shown = tcgetattr(source, &before) == 0
    if shown {
      var hidden = before
      hidden.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(source, TCSAFLUSH, &hidden)
      write(2, prompt)
    }
    defer {
      if shown {
        tcsetattr(source, TCSAFLUSH, &before)
        write(2, "\n")
      }
    }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while read(source, &byte, 1) == 1, byte != 0x0A { line.append(byte) }
    return line.isEmpty ? nil : line
  }

  static var isInteractive: Bool { isatty(0) == 1 }

  /// A line that shows how far long work has come, with rate and time left; quiet where nobody watches.
  struct Progress {
    private let what: String
    private let start = Monotonic.now
    private var shown = Monotonic(nanoseconds: 0)

    init(_ what: String) { self.what = what }

    mutating func show(_ done: Int, of all: Int) {
      guard Terminal.watched, Monotonic.now.since(shown) > 100_000_000 else { return }
      shown = .now
      let seconds = Double(Monotonic.now.since(start)) / 1e9
      let left = done > 0 ? seconds / Double(done) * Double(all - done) : 0
      Terminal.write(2, "\r\u{1B}[K\(what) \(done) of \(all), \(Int(left.rounded(.up))) s left")
    }

    func end() { if Terminal.watched { Terminal.write(2, "\r\u{1B}[K") } }
  }
}

/// Progress that several threads tell of.
final class SharedProgress: Sendable {
  private let line: Mutex<Terminal.Progress>

  init(_ what: String) { line = Mutex(Terminal.Progress(what)) }

  func show(_ done: Int, of all: Int) { line.withLock { $0.show(done, of: all) } }
  func end() { line.withLock { $0.end() } }
}

/// JSON for machines: sorted keys, one document, a newline.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
  Terminal.write(1, String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
}

/// JSON for machines that read line by line.
func printLine(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  Terminal.write(1, String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
}
