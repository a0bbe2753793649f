import CFuse
import Synchronization

/// Catches what libfuse says while a mount is tried: it returns no reason, it only prints one.
enum FUSELog {
  private static let turn = Mutex(())
  private static let said = Mutex<[String]>([])

  /// Runs `body`, and answers with what libfuse said meanwhile, on one line; `nil` for nothing.
  ///
  /// libfuse has one log for the whole program, so one body runs at a time.
  static func listening(to body: () -> Void) -> String? {
    turn.withLock { _ in
      said.withLock { $0 = [] }
      fw_fuse_listen { text in
        guard let text = text.map({ String(cString: $0) }) else { return }
        FUSELog.said.withLock { $0.append(text) }
      }
      body()
      fw_fuse_listen(nil)
      let lines = said.withLock { $0 }.joined(separator: "\n").split(whereSeparator: \.isNewline)
      return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }
  }
}
