import Diagnostics
import Glibc
import Kit
import Synchronization

/// A line that is typed on a terminal without echo.
///
/// A signal that ends or stops the program meanwhile first restores the echo: without that the shell after it would
/// show nothing that is typed.
struct HiddenInput {
  /// The signal that came; 0 for none. Written by the handler.
  private static let caught = Atomic<CInt>(0)
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  /// The terminal, or standard input without one.
  let descriptor: CInt

  /// Reads a line of at most `SecretText.capacity` bytes; without a terminal, it is read as it comes.
  ///
  /// - Returns: the line without its end; nil if it is empty.
  func read(prompt: Printable) -> [UInt8]? {
    var before = termios()
    guard tcgetattr(descriptor, &before) == 0 else { return line() }
    // The program that started this one may have blocked them.
    var (open, mask) = (sigset_t(), sigset_t())
    sigemptyset(&open)
    for signal in Self.signals { sigaddset(&open, signal) }
    pthread_sigmask(SIG_UNBLOCK, &open, &mask)
    defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
    while true {
      Self.caught.store(0, ordering: .relaxed)
      var handlers: [sigaction] = []
      for signal in Self.signals {
        var (action, old) = (sigaction(), sigaction())
        // Without SA_RESTART: the read ends.
        action.__sigaction_handler.sa_handler = { HiddenInput.caught.store($0, ordering: .relaxed) }
        sigaction(signal, &action, &old)
        handlers.append(old)
      }
      var hidden = before
      hidden.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(descriptor, TCSAFLUSH, &hidden)
      Terminal.write(2, prompt)
      var line = line()
      tcsetattr(descriptor, TCSAFLUSH, &before)
      Terminal.write(2, "\n")
      for (signal, var old) in zip(Self.signals, handlers) { sigaction(signal, &old, nil) }
      let signal = Self.caught.load(ordering: .relaxed)
      if signal == 0 { return line }
      if line != nil { SecretText.wipe(&line!) }
      kill(getpid(), signal)
      // Stopped, and continued: ask again. A program that ignores the signal gives up.
      if signal != SIGTSTP { return nil }
    }
  }

  private func line() -> [UInt8]? {
    var line = SecretText.make()
    var byte: UInt8 = 0
    defer { byte = 0 }
    while Glibc.read(descriptor, &byte, 1) == 1, byte != 0x0A {
      if line.count < SecretText.capacity { line.append(byte) }
    }
    return line.isEmpty ? nil : line
  }
}
