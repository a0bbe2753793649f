import Diagnostics
import Glibc
import Kit
import Posix
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
    // They are delivered only while it waits for a key: one that came just before the wait would be missed.
    var (ours, mask) = (sigset_t(), sigset_t())
    sigemptyset(&ours)
    for signal in Self.signals { sigaddset(&ours, signal) }
    pthread_sigmask(SIG_BLOCK, &ours, &mask)
    defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
    // The program that started this one may have blocked them.
    var open = mask
    for signal in Self.signals { sigdelset(&open, signal) }
    while true {
      Self.caught.store(0, ordering: .relaxed)
      var handlers: [sigaction] = []
      for signal in Self.signals {
        var (action, old) = (sigaction(), sigaction())
        action.__sigaction_handler.sa_handler = { HiddenInput.caught.store($0, ordering: .relaxed) }
        sigaction(signal, &action, &old)
        handlers.append(old)
      }
      var hidden = before
      hidden.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(descriptor, TCSAFLUSH, &hidden)
      Terminal.write(2, prompt)
      var line = line(mask: open)
      tcsetattr(descriptor, TCSAFLUSH, &before)
      Terminal.write(2, "\n")
      for (signal, var old) in zip(Self.signals, handlers) { sigaction(signal, &old, nil) }
      let signal = Self.caught.load(ordering: .relaxed)
      if signal == 0 { return line }
      if line != nil { SecretText.wipe(&line!) }
      pthread_sigmask(SIG_UNBLOCK, &ours, nil)
      kill(getpid(), signal)
      pthread_sigmask(SIG_BLOCK, &ours, nil)
      // Stopped, and continued: ask again. A program that ignores the signal gives up.
      if signal != SIGTSTP { return nil }
    }
  }

  /// - Parameter mask: the signal mask while it waits for a key; a signal ends the line. Nil without a terminal.
  private func line(mask: sigset_t? = nil) -> [UInt8]? {
    var line = SecretText.make()
    var byte: UInt8 = 0
    defer { byte = 0 }
    while true {
      if let mask {
        var poll = Poll()
        let number = poll.add(descriptor, events: POLLIN)
        do { try poll.wait(until: nil, mask: mask) } catch { break }
        if poll.answer(number) == 0 || Self.caught.load(ordering: .relaxed) != 0 { break }
      }
      guard Glibc.read(descriptor, &byte, 1) == 1, byte != 0x0A else { break }
      if line.count < SecretText.capacity { line.append(byte) }
    }
    return line.isEmpty ? nil : line
  }
}
