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
public final class ButtonLines {
  /// How each line is read, by index.
  public let access: [LineAccess]

  /// Those that have not failed.
  private var sources: [any ButtonSource]
  private var contacts: [Debouncer]
  private var failures: [ButtonFailure] = []

  /// Finds, exports and opens all lines; it takes up to about a second where their files may not be opened at once.
  /// One line that cannot be had is an error, and nothing stays exported then.
  ///
  /// - Parameter now: the time from which looks on a timer are counted.
  public convenience init(_ configuration: ButtonConfiguration, now: Monotonic = .now) throws(ButtonError) {
    try configuration.check()
    try self.init(
      Self.sysfs(configuration, now: now), count: configuration.lines.count, lockout: configuration.lockout, now: now)
  }

  /// - Parameters:
  ///   - sources: tell of every index below `count` once.
  ///   - lockout: milliseconds.
  init(_ sources: [any ButtonSource], count: Int, lockout: Int, now: Monotonic) throws(ButtonError) {
    var access = [LineAccess](repeating: .edges, count: count)
    var contacts = [Debouncer](repeating: Debouncer(lockout: lockout, isDown: false, at: now), count: count)
    for source in sources {
      for index in source.indices {
        access[index] = source.access(of: index)
        contacts[index] = Debouncer(lockout: lockout, isDown: try source.look(at: index) ?? false, at: now)
      }
    }
    self.access = access
    self.contacts = contacts
    self.sources = sources
  }

  private static func sysfs(_ configuration: ButtonConfiguration, now: Monotonic) throws(ButtonError) -> [SysfsLine] {
    let lines = configuration.lines
    if lines.isEmpty { return [] }
    let chips = try GPIOChips(root: configuration.root)
    // All are exported before the first is opened, so that udev is waited for once and not for each.
    var exports: [SysfsExport] = []
    for line in lines {
      let number = try chips.number(ofLine: line.line, on: line.chip)
      exports.append(try SysfsExport(number, of: line, root: configuration.root))
    }
    let patience = Monotonic.now.adding(milliseconds: 1000)
    var opened: [SysfsLine] = []
    for (index, line) in lines.enumerated() {
      opened.append(
        try SysfsLine(
          line, index: index, export: exports[index], interval: configuration.poll, now: now,
          retryingUntil: patience))
    }
    return opened
  }

  /// Buttons that were pressed before anybody looked, and have not been let go since: by index.
  public var held: [Int] { contacts.indices.filter { contacts[$0].state == .held } }

  /// What has been reported of a button, and since when.
  public func contact(_ index: Int) -> Debouncer { contacts[index] }

  // MARK: The loop

  /// Adds all descriptors to a fresh table.
  public func register(in poll: inout Poll) { for source in sources { source.register(in: &poll) } }

  /// When the loop has to come by though no descriptor answers: the end of a lock-out, or a timed look. `nil` for
  /// as long as it takes.
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
        // An edge that the hardware swallowed in the lock-out is found by a look at its end.
        for index in source.indices {
          guard let end = contacts[index].deadline, now >= end else { continue }
          if let isDown = try source.look(at: index) {
            tell(contacts[index].see(isDown, at: now), index, now, to: &events)
          } else {
            tell(contacts[index].settle(at: now), index, now, to: &events)
          }
        }
      } catch {
        drop(source, error, now, &events)
      }
    }
    return events.sorted { $0.time < $1.time }
  }

  /// Lines that failed since the last call. A failed line is not read any more; the others go on.
  public func takeFailures() -> [ButtonFailure] {
    defer { failures = [] }
    return failures
  }

  private func tell(_ kind: ButtonEvent.Kind?, _ index: Int, _ time: Monotonic, to events: inout [ButtonEvent]) {
    if let kind { events.append(ButtonEvent(index: index, kind: kind, time: time)) }
  }

  /// A button that is down when its line fails is let go, so that nobody waits for its release.
  private func drop(
    _ failed: any ButtonSource, _ error: ButtonError, _ now: Monotonic, _ events: inout [ButtonEvent]
  ) {
    sources.removeAll { $0 === failed }
    for index in failed.indices {
      failures.append(ButtonFailure(index: index, error: error, time: now))
      if contacts[index].state == .down { tell(.released, index, now, to: &events) }
      // Up, with no lock-out to wait for.
      contacts[index] = Debouncer(lockout: 0, isDown: false, at: now)
    }
  }
}
