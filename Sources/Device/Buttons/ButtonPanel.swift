import Posix

/// All buttons of a board, for a poll loop that the caller owns:
///
///     var poll = Poll()
///     buttons.register(in: &poll)
///     try poll.wait(until: buttons.deadline)
///     for event in buttons.events(after: poll, now: .now) { … }
///
/// While all lines have edges and nothing is pressed there is no deadline, and so no wake-up. All calls come from the
/// thread of the loop. `deinit` unexports the lines that the panel exported.
public final class ButtonPanel {
  /// How each button is read, by index.
  public let access: [LineAccess]
  /// Why it is read that way, by index, for people.
  public let accessReasons: [String]

  /// The sources that have not failed.
  private var sources: [any ButtonSource]
  private var contacts: [Contact]
  private var failures: [ButtonFailure] = []

  /// Finds, exports and opens all lines. This takes up to about a second where udev is slow to grant access.
  ///
  /// An input device that is absent is no error: `takeChanges` reports it, and it is used when it appears.
  ///
  /// - Parameters:
  ///   - configuration: the buttons.
  ///   - now: the time from which reads on a timer are counted.
  /// - Throws: `ButtonError` for the first line that is unavailable; no line stays exported then.
  public convenience init(_ configuration: ButtonConfiguration, now: Monotonic = .now) throws(ButtonError) {
    try configuration.validate()
    var opened = try LineOpener(configuration).open(now: now)
    var first = configuration.lines.count
    for (number, input) in configuration.inputs.enumerated() {
      opened.reasons += input.keys.map { _ in "the board says so" }
      opened.sources.append(InputKeys(input, number: number, firstIndex: first, configuration.paths, now: now))
      first += input.keys.count
    }
    let limits = configuration.reportsHold.map { reportsHold in
      Contact.Limits(
        lockout: configuration.lockout, hold: reportsHold ? configuration.hold : nil, stuck: configuration.stuck)
    }
    try self.init(opened.sources, limits, reasons: opened.reasons, now: now)
  }

  /// Creates a panel on open sources.
  ///
  /// - Parameters:
  ///   - sources: together they read every index of `limits` exactly once.
  ///   - limits: the time limits of each button, by index.
  ///   - reasons: see `accessReasons`.
  ///   - now: the time of the first reading.
  init(
    _ sources: [any ButtonSource], _ limits: [Contact.Limits], reasons: [String] = [], now: Monotonic
  ) throws(ButtonError) {
    accessReasons = reasons
    var access = [LineAccess](repeating: .edges, count: limits.count)
    var contacts = limits.map { Contact($0, isDown: false, at: now) }
    for source in sources {
      for index in source.indices {
        access[index] = source.access(of: index)
        contacts[index] = Contact(limits[index], isDown: try source.isDown(at: index) ?? false, at: now)
      }
    }
    self.access = access
    self.contacts = contacts
    self.sources = sources
  }

  /// Indices of the buttons that were down at the start and have not been released since.
  public var heldSinceStart: [Int] { contacts.indices.filter { contacts[$0].debouncer.state == .held } }

  /// Indices of the buttons that are stuck.
  public var stuck: [Int] { contacts.indices.filter { contacts[$0].isStuck } }

  /// Returns the debounced state of a button.
  public func contact(_ index: Int) -> Debouncer { contacts[index].debouncer }

  // MARK: The loop

  /// Adds all descriptors to an empty poll table.
  public func register(in poll: inout Poll) { for source in sources { source.register(in: &poll) } }

  /// When the loop must call `events` although no descriptor is ready: the end of a lock-out, the time of a long
  /// press, a timed read. Nil where only a descriptor can bring an event.
  public var deadline: Monotonic? {
    (sources.compactMap(\.deadline) + contacts.compactMap(\.deadline)).min()
  }

  /// Returns what happened, in order of time.
  ///
  /// Call it after each poll for which `register` was called, whichever descriptor was ready.
  public func events(after poll: Poll, now: Monotonic) -> [ButtonEvent] {
    var events: [ButtonEvent] = []
    for source in sources {
      do throws(ButtonError) {
        for reading in try source.readings(after: poll, now: now) {
          let kinds = contacts[reading.index].observe(reading.isDown, at: reading.time)
          report(kinds, reading.index, reading.time, to: &events)
        }
        for index in source.indices {
          guard let deadline = contacts[index].deadline, now >= deadline else { continue }
          // A read at the end of the lock-out finds an edge that the hardware swallowed.
          if contacts[index].needsRead(at: now), let isDown = try source.isDown(at: index) {
            report(contacts[index].observe(isDown, at: now), index, now, to: &events)
          } else {
            report(contacts[index].pass(at: now), index, now, to: &events)
          }
        }
      } catch {
        drop(source, error, now, &events)
      }
    }
    // A stable order: events with the same time stay in the order in which the sources reported them.
    return events.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  /// Returns the lines that failed since the last call. A failed line is not read again; the others keep working.
  public func takeFailures() -> [ButtonFailure] {
    defer { failures = [] }
    return failures
  }

  /// Returns the input devices that were lost or found since the last call. The first call reports every device.
  public func takeChanges() -> [DeviceChange] { sources.flatMap { $0.takeChanges() } }

  private func report(_ kinds: [ButtonEvent.Kind], _ index: Int, _ time: Monotonic, to events: inout [ButtonEvent]) {
    for kind in kinds { events.append(ButtonEvent(index: index, kind: kind, time: time)) }
  }

  /// Removes a failed source. A button of it that is down is released, so that no caller waits for the release.
  private func drop(
    _ failed: any ButtonSource, _ error: ButtonError, _ now: Monotonic, _ events: inout [ButtonEvent]
  ) {
    sources.removeAll { $0 === failed }
    for index in failed.indices {
      failures.append(ButtonFailure(index: index, error: error, time: now))
      if contacts[index].debouncer.state == .down { report([.released], index, now, to: &events) }
      // Up, without a deadline.
      contacts[index] = Contact(Contact.Limits(lockout: 0), isDown: false, at: now)
    }
  }
}
