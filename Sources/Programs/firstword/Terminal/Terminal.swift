import Diagnostics
import Foundation
import Glibc

/// Output for a person; colours and progress only on a terminal.
enum Terminal {
  private static let plain = getenv("NO_COLOR") != nil || getenv("TERM").map { String(cString: $0) } == "dumb"
  /// Whether standard output shows colours.
  static let outputHasColour = isatty(1) == 1 && !plain
  private static let errorHasColour = isatty(2) == 1 && !plain
  /// Whether standard error is a terminal, and progress is shown.
  static let isWatched = isatty(2) == 1

  /// A colour or style, as an SGR parameter. ECMA-48
  enum Colour: Int {
    case bold = 1
    case faint = 2
    case red = 31
    case green = 32
    case yellow = 33
  }

  /// Returns the text in a colour, if standard output shows colours.
  static func paint(_ text: Printable, _ colour: Colour) -> Printable {
    outputHasColour ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Returns the text, escaped, in a colour, if standard output shows colours.
  static func paint(_ text: String, _ colour: Colour) -> Printable { paint(Printable(text), colour) }

  /// Prints an error to standard error.
  static func complain(_ message: Printable) {
    let name: Printable = errorHasColour ? "\u{1B}[31mfirstword:\u{1B}[0m" : "firstword:"
    write(2, "\(name) \(message)\n")
  }

  /// Prints a remark to standard error; standard output is for results.
  static func remark(_ message: Printable) { write(2, "\(message)\n") }

  /// Writes a text to a descriptor; ignores errors. write(2)
  static func write(_ descriptor: Int32, _ text: Printable) {
    var bytes = Array(text.text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Asks for a passphrase without echo; without a terminal, reads the first line of standard input.
  ///
  /// - Returns: the bytes of the passphrase, to be wiped by the caller; `nil` if it is empty.
  static func passphrase(_ prompt: Printable) -> [UInt8]? {
    let descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    return HiddenInput(descriptor: descriptor >= 0 ? descriptor : 0).read(prompt: prompt)
  }

  /// Whether standard input is a terminal.
  static var isInteractive: Bool { isatty(0) == 1 }
}

/// Prints a text to standard output, with a line break after it.
func print(_ text: Printable) { Terminal.write(1, text + "\n") }

/// What is printed is a `Printable`: a text of a file cannot reach the terminal unescaped.
@available(*, unavailable, message: "interpolate the value: print(\"\\(value)\")")
func print(_ items: Any..., separator: String = " ", terminator: String = "\n") {}
