import RecordingSession

/// The keys of `firstword record` and the commands that they give.
enum RecordKeys {
  /// Returns the command of a key in a phase; `nil` for a key without one.
  static func command(_ key: Keyboard.Key, in phase: RecordingSession.Phase) -> RecordingSession.Command? {
    switch (phase, key) {
    case (_, .quit): .quitNow
    case (.countdown, _): .cancel
    case (.recording, .character("b")), (.reviewing, .character("b")): .again
    case (.recording, _): .finish
    case (.confirmingReplacement, .character("o")): .replace
    case (.confirmingReplacement, _): .cancel
    case (_, .character("q")): .quit
    case (.roomFindings, .character("n")), (.roomFindings, .character("\r")): .measureRoom
    case (.roomFindings, .character("c")): .ignoreRoom
    case (.ready, .character("\r")), (.ready, .character(" ")): .record
    case (.ready, .character("n")): .measureRoom
    case (.ready, .left): .previous
    case (.ready, .right): .next
    case (.unwritten, .character("\r")): .retryWriting
    case (.reviewing, .character("k")): .keep
    case (.reviewing, .character("\r")): .play
    case (.unwritten, .character("r")), (.reviewing, .character("r")): .record
    case (.ready, .character("p")), (.reviewing, .character("p")): .play
    case (.ready, .character("s")), (.unwritten, .character("s")), (.reviewing, .character("s")): .skip
    default: nil
    }
  }

  /// Returns what to say to a key without a command.
  static func hint(in phase: RecordingSession.Phase) -> String {
    switch phase {
    case .roomFindings: "Press n, c or q."
    case .ready: "Enter records; or press s, p, n or q."
    case .unwritten: "Press Enter, r, s or q."
    case .reviewing: "Press k, r, b, p, s or q."
    default: ""
    }
  }

  /// Returns the keys with what they do, separated by three spaces.
  ///
  /// - Parameter endSilence: seconds of silence that end a take, as text.
  static func help(in phase: RecordingSession.Phase, endSilence: String) -> String {
    switch phase {
    case .measuringRoom: "q quit"
    case .roomFindings: "n measure again   c continue anyway   q quit"
    case .ready: "Enter record   s skip   p play   <- -> others   n room   q quit"
    case .countdown: "any key stops it"
    case .recording: "any key ends it, or \(endSilence) s of silence   b bad, again"
    case .unwritten: "Enter try again   r record again   s skip   q quit"
    case .reviewing: "k keep   r record again   b bad, again at once   p play   s skip   q quit"
    case .confirmingReplacement: "o replace   any other key keeps the old one"
    case .writing, .keeping, .ended: ""
    }
  }
}
