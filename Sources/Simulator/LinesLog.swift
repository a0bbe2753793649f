import CFuse
import Glibc
import Synchronization

/// Catches what libfuse says while a mount is tried: it returns no reason, it only prints one.
enum LinesLog {
  private static let turn = Mutex(())
  private static let said = Mutex<[String]>([])

  /// Runs `body`, and answers with what libfuse said meanwhile, on one line; `nil` for nothing.
  ///
  /// libfuse has one log for the whole program, so one body runs at a time.
  static func listening(to body: () -> Void) -> String? {
    turn.withLock { _ in
      said.withLock { $0 = [] }
      fuse_set_log_func { _, format, arguments in
        guard let format else { return }
        let text = LinesLog.text(format, arguments)
        LinesLog.said.withLock { $0.append(text) }
      }
      body()
      fuse_set_log_func(nil)
      let lines = said.withLock { $0 }.joined(separator: "\n").split(whereSeparator: \.isNewline)
      return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }
  }

  /// vsnprintf(3). Whether C's va_list comes as an optional depends on the processor: here it may.
  private static func text(_ format: UnsafePointer<CChar>, _ arguments: CVaListPointer?) -> String {
    guard let arguments else { return String(cString: format) }
    var buffer = [CChar](repeating: 0, count: 512)
    let count = Int(vsnprintf(&buffer, buffer.count, format, arguments))
    let kept = buffer.prefix(max(0, min(count, buffer.count - 1)))
    return String(decoding: kept.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
