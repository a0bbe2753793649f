import KitBuilder

extension RecordingSession {
  /// What a session records, and the limits that it holds the room against.
  public struct Configuration: Sendable {
    /// The messages of one language by prompt number; at least one.
    public var items: [ReviewItem]
    /// Index of the message to begin with.
    public var first: Int
    /// Whether the session also visits messages that are recorded already.
    public var includesRecorded: Bool
    /// Whether the session begins at `first` even if that message is recorded already.
    public var opensFirst = false
    /// Ids of the prompts that are recorded already.
    public var recorded: Set<String>
    /// The check whose limits hold for the room and for pauses.
    public var check: RecordingCheck
    /// The capture device's name, as findings about the room name it.
    public var device: String
    /// Sample rate of the audio in Hz.
    public var rate: Int
    /// Seconds from the command to record to the start of the recording; 0 records at once.
    public var countdown = 3
    /// Whether a take that is not kept stays on the disk, to be chosen later; else it is dropped.
    public var keepsTakes = false
    /// What the front end reports of the microphone.
    public var input = Input.audio

    /// What a front end reports of the microphone.
    public enum Input: Sendable {
      /// All audio, as it arrives.
      case audio
      /// Whole recordings: of the room, and of each take. The front end counts down and ends a take by itself.
      case takes
    }

    /// Creates a configuration.
    ///
    /// - Parameters:
    ///   - items: the messages of one language by prompt number; at least one.
    ///   - first: index of the message to begin with.
    ///   - includesRecorded: whether messages that are recorded already are visited too.
    ///   - recorded: ids of the prompts that are recorded already.
    ///   - check: the check whose limits hold.
    ///   - device: the capture device's name.
    ///   - rate: sample rate in Hz.
    public init(
      items: [ReviewItem], first: Int = 0, includesRecorded: Bool = false, recorded: Set<String>, check: RecordingCheck,
      device: String, rate: Int
    ) {
      self.items = items
      self.first = first
      self.includesRecorded = includesRecorded
      self.recorded = recorded
      self.check = check
      self.device = device
      self.rate = rate
    }
  }
}
