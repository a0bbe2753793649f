import CLinux
import Glibc
import Posix

/// Lines of one GPIO character device (uAPI v2): one descriptor tells the edges of all, each with the kernel's time.
final class CharacterLines: ButtonSource {
  struct Line: Equatable, Sendable {
    /// Which of the configured buttons.
    var index: Int
    /// On the chip.
    var offset: Int
    var chip: String
    var activeLow: Bool
  }

  /// At most so many lines in one request. GPIO_V2_LINES_MAX
  private static let most = 64

  let indices: [Int]
  private let lines: [Line]
  private let events: FileDescriptor
  private let levels: (CInt, UInt64) -> Result<UInt64, SystemError>
  private var reader = RecordReader<gpio_v2_line_event>()
  /// The kernel counts the events of a request from 1; a gap is an overflow of its buffer.
  private var lastEvent: UInt32 = 0
  private var place: Int?

  /// - Parameters:
  ///   - events: does not block; gives `struct gpio_v2_line_event`.
  ///   - levels: the wires' levels now, for a mask of `lines`: a bit for each, in their order.
  init(
    _ lines: [Line], events: consuming FileDescriptor,
    levels: @escaping (CInt, UInt64) -> Result<UInt64, SystemError> = CharacterLines.ask
  ) {
    self.lines = lines
    indices = lines.map(\.index)
    self.events = events
    self.levels = levels
  }

  /// Asks a chip for lines as inputs with both edges. GPIO_V2_GET_LINE_IOCTL
  ///
  /// - Parameter debounce: milliseconds, 0 for none.
  static func request(
    _ lines: [Line], from device: String, bias: LineConfiguration.Bias?, debounce: Int
  ) throws(ButtonError) -> CharacterLines {
    var flags = GPIO_V2_LINE_FLAG_INPUT.rawValue | GPIO_V2_LINE_FLAG_EDGE_RISING.rawValue
    flags |= GPIO_V2_LINE_FLAG_EDGE_FALLING.rawValue
    switch bias {
    case nil: break
    case .up: flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP.rawValue
    case .down: flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN.rawValue
    case .off: flags |= GPIO_V2_LINE_FLAG_BIAS_DISABLED.rawValue
    }
    let offsets = lines.map { UInt32($0.offset) }
    do throws(SystemError) {
      guard lines.count <= most else { throw SystemError("request so many lines of one chip", code: E2BIG) }
      let chip = try FileDescriptor(opening: device, O_RDWR)
      let raw = chip.raw
      let events = FileDescriptor(
        owning: try posix("request the line", path: device) {
          fw_gpio_request(raw, offsets, UInt32(offsets.count), UInt64(flags), UInt32(debounce * 1000), 0, "firstword")
        })
      let own = events.raw
      try posix("fcntl", path: device) { fcntl(own, F_SETFL, O_NONBLOCK) }
      return CharacterLines(lines, events: events)
    } catch {
      // Of several lines the one that is refused has to be named.
      if lines.count > 1 { for line in lines { _ = try request([line], from: device, bias: bias, debounce: debounce) } }
      let line = lines[0]
      // Exported in sysfs counts too, also by a program that is gone.
      throw error.code == EBUSY
        ? .busy(chip: line.chip, line: line.offset)
        : .setUp(chip: line.chip, line: line.offset, error)
    }
  }

  /// GPIO_V2_LINE_GET_VALUES_IOCTL
  static func ask(_ descriptor: CInt, _ mask: UInt64) -> Result<UInt64, SystemError> {
    var levels: UInt64 = 0
    do throws(SystemError) {
      try posix("read levels") { fw_gpio_levels(descriptor, mask, &levels) }
      return .success(levels)
    } catch { return .failure(error) }
  }

  // MARK: ButtonSource

  func access(of index: Int) -> LineAccess { .character }

  func register(in poll: inout Poll) { place = poll.add(events.raw, events: POLLIN) }

  var deadline: Monotonic? { nil }

  func levels(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonLevel] {
    guard let place, poll.answer(place) != 0 else { return [] }
    var told: [ButtonLevel] = []
    var isGap = false
    for event in try read() {
      isGap = isGap || event.seqno != lastEvent &+ 1
      lastEvent = event.seqno
      guard let line = lines.first(where: { $0.offset == Int(event.offset) }) else { continue }
      let isHigh = event.id == GPIO_V2_LINE_EVENT_RISING_EDGE.rawValue
      let time = Monotonic(nanoseconds: Int64(clamping: event.timestamp_ns))
      told.append(ButtonLevel(index: line.index, isDown: isHigh != line.activeLow, time: min(time, now)))
    }
    if isGap {
      // Edges were dropped: the level is asked for, so that the last one is right.
      for line in lines {
        if let isDown = try look(at: line.index) {
          told.append(ButtonLevel(index: line.index, isDown: isDown, time: now))
        }
      }
    }
    return told
  }

  func look(at index: Int) throws(ButtonError) -> Bool? {
    guard let bit = lines.firstIndex(where: { $0.index == index }) else { return nil }
    do throws(SystemError) {
      let isHigh = try levels(events.raw, 1 << UInt64(bit)).get() >> UInt64(bit) & 1 == 1
      return isHigh != lines[bit].activeLow
    } catch {
      throw .lost(chip: lines[bit].chip, line: lines[bit].offset, error)
    }
  }

  private func read() throws(ButtonError) -> [gpio_v2_line_event] {
    do throws(SystemError) {
      return try reader.read(events)
    } catch {
      throw .lost(chip: lines[0].chip, line: lines[0].offset, error)
    }
  }
}
