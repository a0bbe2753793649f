extension RecordingSession {
  /// Where a session stands with the current message.
  public enum Phase: Equatable, Sendable {
    /// The noise of the room is measured while nobody speaks.
    case measuringRoom
    /// The measurement found something that the person should put right.
    case roomFindings
    /// The message is shown; recording waits for the person.
    case ready
    /// The countdown to the recording runs.
    case countdown
    /// A take is recorded.
    case recording
    /// The take is being written and checked.
    case writing
    /// The take could not be written; it is held in memory.
    case unwritten(reason: String)
    /// The take is on the disk as a draft; the person decides.
    case reviewing
    /// The person wants to keep the take, and the message has a recording already.
    case confirmingReplacement
    /// The take is being moved into its place.
    case keeping
    /// The session is over.
    case ended

    /// Commands that are valid in this phase, in the order in which a front end offers them. `quitNow` is always valid.
    public var commands: [Command] {
      switch self {
      case .measuringRoom: [.quit]
      case .roomFindings: [.measureRoom, .ignoreRoom, .quit]
      case .ready: [.record, .skip, .play, .previous, .next, .measureRoom, .quit]
      case .countdown: [.cancel]
      case .recording: [.finish, .again, .cancel]
      case .unwritten: [.retryWriting, .record, .skip, .quit]
      case .reviewing: [.keep, .record, .again, .play, .skip, .quit]
      case .confirmingReplacement: [.replace, .cancel]
      case .writing, .keeping, .ended: []
      }
    }
  }

  /// A decision of the person at the front end.
  public enum Command: Equatable, CaseIterable, Sendable {
    /// Start the countdown; a take under review is dropped, unless the session keeps takes.
    case record
    /// Record again at once, without a countdown; the take that is recorded or under review is bad, and dropped.
    case again
    /// End the take that is being recorded.
    case finish
    /// Stop the countdown, drop the take that is being recorded, or do not replace the recording.
    case cancel
    /// Keep the take; asks first where the message has a recording.
    case keep
    /// Keep the take in the place of the recording.
    case replace
    /// Play the take under review, else the message's recording.
    case play
    /// Go to the next message without a recording; a take under review is dropped, unless the session keeps takes.
    case skip
    /// Go to the message before, recorded or not.
    case previous
    /// Go to the message after, recorded or not.
    case next
    /// Measure the room again.
    case measureRoom
    /// Record in spite of the findings about the room.
    case ignoreRoom
    /// Try again to write the take that is held in memory.
    case retryWriting
    /// Clear the notice, and a quit that waits for its confirmation.
    case dismissNotice
    /// End the session; a take under review has to be given up by a second `quit`.
    case quit
    /// End the session at once, in any phase. A take that is not kept is dropped.
    case quitNow
  }
}
