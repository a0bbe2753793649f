import CFuse
import Synchronization

/// Captures libfuse's log during a mount: libfuse prints the reason of a failure, but does not return it.
enum FUSELog {
  /// Held while a body runs.
  private static let turn = Mutex(())
  /// Messages of the body that runs. Guarded by the mutex.
  private static let messages = Mutex<[String]>([])

  /// Runs `body` and returns libfuse's messages during it, on one line; `nil` if there are none.
  ///
  /// libfuse has one log for the whole program, so one body runs at a time.
  static func capture(_ body: () -> Void) -> String? {
    turn.withLock { _ in
      messages.withLock { $0 = [] }
      fw_fuse_listen { text in
        guard let text = text.map({ String(cString: $0) }) else { return }
        FUSELog.messages.withLock { $0.append(text) }
      }
      body()
      fw_fuse_listen(nil)
      let lines = messages.withLock { $0 }.joined(separator: "\n").split(whereSeparator: \.isNewline)
      return lines.isEmpty ? nil : lines.joined(separator: "; ")
    }
  }
}
