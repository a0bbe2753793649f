import Posix

/// All buttons of a board, for a poll loop that somebody else owns:
///
///     var poll = Poll()
///     buttons.register(in: &poll)
///     try poll.wait(until: buttons.deadline)
///     for event in buttons.events(after: poll, now: .now) { … }
///
/// While all lines have edges and nothing is pressed there is no deadline, and so no wake-up. It belongs to the
/// thread of the loop. The lines that it exported are unexported when it ends.
public final class ButtonPanel {
  /// How each line is read, by index.
  public let access: [LineAccess]
  /// Why it is read so, by index, for people.
  public let why: [String]

  /// Those that have not failed.
  private var sources: [any ButtonSource]
  private var contacts: [Contact]
  private var failures: [ButtonFailure] = []

  /// Finds, exports and opens all lines; it takes up to about a second where their files may not be opened at once.
  /// One line that cannot be had is an error, and nothing stays exported then. An input device that is not there is
  /// none: it is told by `takeChanges`, and used when it comes.
  ///
  /// - Parameter now: the time from which looks on a timer are counted.
  public convenience init(_ configuration: ButtonConfiguration, now: Monotonic = .now) throws(ButtonError) {
    try configuration.check()
    var opened = try LineOpener(configuration).open(now: now)
    var first = configuration.lines.count
    for (number, input) in configuration.inputs.enumerated() {
      opened.why += input.keys.map { _ in "the board says so" }
      opened.sources.append(InputKeys(input, number: number, firstIndex: first, configuration.places, now: now))
      first += input.keys.count
    }
    let limits = configuration.holds.map { hasHold in
      Contact.Limits(
        lockout: configuration.lockout, hold: hasHold ? configuration.hold : nil, stuck: configuration.stuck)
    }
    try self.init(opened.sources, limits, why: opened.why, now: now)
  }

  /// - Parameter sources: tell of every index of `limits` once.
  init(
    _ sources: [any ButtonSource], _ limits: [Contact.Limits], why: [String] = [], now: Monotonic
  ) throws(ButtonError) {
    self.why = why
    var access = [LineAccess](repeating: .edges, count: limits.count)
    var contacts = limits.map { Contact($0, isDown: false, at: now) }
    for source in sources {
      for index in source.indices {
        access[index] = source.access(of: index)
        contacts[index] = Contact(limits[index], isDown: try source.look(at: index) ?? false, at: now)
      }
    }
    self.access = access
    self.contacts = contacts
    self.sources = sources
  }

  /// Buttons that were pressed before anybody looked, and have not been let go since: by index.
  public var held: [Int] { contacts.indices.filter { contacts[$0].debouncer.state == .held } }

  /// Buttons that are taken for stuck: by index.
  public var stuck: [Int] { contacts.indices.filter { contacts[$0].isStuck } }

  /// What has been reported of a button, and since when.
  public func contact(_ index: Int) -> Debouncer { contacts[index].debouncer }

  // MARK: The loop

  /// Adds all descriptors to a fresh table.
  public func register(in poll: inout Poll) { for source in sources { source.register(in: &poll) } }

  /// When the loop has to come by though no descriptor answers: the end of a lock-out, a press that becomes a long one,
  /// a timed look. `nil` for as long as it takes.
  public var deadline: Monotonic? {
    (sources.compactMap(\.deadline) + contacts.compactMap(\.deadline)).min()
  }

  /// What happened, in order of time: after each poll for which `register` was called, whoever it woke for.
  public func events(after poll: Poll, now: Monotonic) -> [ButtonEvent] {
    var events: [ButtonEvent] = []
    for source in sources {
      do throws(ButtonError) {
        for level in try source.levels(after: poll, now: now) {
          tell(contacts[level.index].see(level.isDown, at: level.time), level.index, level.time, to: &events)
        }
        for index in source.indices {
          guard let deadline = contacts[index].deadline, now >= deadline else { continue }
          // An edge that the hardware swallowed in the lock-out is found by a look at its end.
          if contacts[index].wantsLook(at: now), let isDown = try source.look(at: index) {
            tell(contacts[index].see(isDown, at: now), index, now, to: &events)
          } else {
            tell(contacts[index].pass(at: now), index, now, to: &events)
          }
        }
      } catch {
        drop(source, error, now, &events)
      }
    }
    // Of events at one time the order is that of what they say, and sorting keeps it.
    return events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  /// Lines that failed since the last call. A failed line is not read any more; the others go on.
  public func takeFailures() -> [ButtonFailure] {
    defer { failures = [] }
    return failures
  }

  /// Input devices that were lost or found since the last call, those missing at the start among them.
  public func takeChanges() -> [DeviceChange] { sources.flatMap { $0.takeChanges() } }

  private func tell(_ kinds: [ButtonEvent.Kind], _ index: Int, _ time: Monotonic, to events: inout [ButtonEvent]) {
    for kind in kinds { events.append(ButtonEvent(index: index, kind: kind, time: time)) }
  }

  /// A button that is down when its line fails is let go, so that nobody waits for its release.
  private func drop(
    _ failed: any ButtonSource, _ error: ButtonError, _ now: Monotonic, _ events: inout [ButtonEvent]
  ) {
    sources.removeAll { $0 === failed }
    for index in failed.indices {
      failures.append(ButtonFailure(index: index, error: error, time: now))
      if contacts[index].debouncer.state == .down { tell([.released], index, now, to: &events) }
      // Up, with nothing to wait for.
      contacts[index] = Contact(Contact.Limits(lockout: 0), isDown: false, at: now)
    }
  }
}
