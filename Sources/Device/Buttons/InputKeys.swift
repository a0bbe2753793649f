import CLinux
import Glibc
import Posix

/// Keys of one input device: a USB number pad, or buttons that gpio-keys has. It may be unplugged and come back.
final class InputKeys: ButtonSource {
  /// Milliseconds between two looks for a device that is not there.
  private static let patience = 500

  let indices: [Int]
  private let configuration: InputConfiguration
  private let number: Int
  private let places: KernelPlaces
  private var device: InputDevice?
  private var nextTry: Monotonic?
  private var changes: [DeviceChange] = []
  private var place: Int?

  /// - Parameters:
  ///   - number: which of the configured input devices.
  ///   - firstIndex: of its keys; the others follow.
  init(
    _ configuration: InputConfiguration, number: Int, firstIndex: Int, _ places: KernelPlaces, now: Monotonic
  ) {
    self.configuration = configuration
    self.number = number
    self.places = places
    indices = Array(firstIndex..<firstIndex + configuration.keys.count)
    open(now)
  }

  private func open(_ now: Monotonic) {
    do throws(ButtonError) {
      device = try InputDevice(configuration.device, places)
      nextTry = nil
      changes.append(DeviceChange(input: number, error: nil))
    } catch {
      // Told once, not at every look.
      if nextTry == nil { changes.append(DeviceChange(input: number, error: error)) }
      nextTry = now.adding(milliseconds: Self.patience)
    }
  }

  private func lose(_ error: SystemError, _ now: Monotonic) {
    device = nil
    changes.append(DeviceChange(input: number, error: .noDevice(device: "\(configuration.device)", error)))
    nextTry = now.adding(milliseconds: Self.patience)
  }

  // MARK: ButtonSource

  func access(of index: Int) -> LineAccess { .input }

  func register(in poll: inout Poll) { place = device.map { poll.add($0.raw, events: POLLIN) } }

  var deadline: Monotonic? { nextTry }

  func takeChanges() -> [DeviceChange] {
    defer { changes = [] }
    return changes
  }

  func levels(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonLevel] {
    guard let device else {
      if let nextTry, now >= nextTry { open(now) }
      return []
    }
    guard let place, poll.answer(place) != 0 else { return [] }
    do throws(SystemError) {
      return try device.read(now: now).compactMap { change in
        configuration.keys.firstIndex { $0.code == change.code }.map {
          ButtonLevel(index: indices[$0], isDown: change.isDown, time: change.time)
        }
      }
    } catch {
      lose(error, now)
      // What was down is let go.
      return indices.map { ButtonLevel(index: $0, isDown: false, time: now) }
    }
  }

  func look(at index: Int) throws(ButtonError) -> Bool? {
    guard let device else { return false }
    return device.isDown(configuration.keys[index - indices[0]].code)
  }
}
