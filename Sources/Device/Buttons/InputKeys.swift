import Board
import CLinux
import Glibc
import Posix

/// Keys of one input device: a USB number pad, or buttons of the gpio-keys driver. The device may be unplugged and return.
final class InputKeys: ButtonSource {
  /// Milliseconds between two attempts to open a device that is absent.
  private static let retryInterval = 500

  let indices: [Int]
  private let input: Board.Input
  private let number: Int
  private let paths: KernelPaths
  private var device: InputDevice?
  private var nextTry: Monotonic?
  private var changes: [DeviceChange] = []
  private var place: Int?

  /// Opens a device, or schedules the next attempt.
  ///
  /// - Parameters:
  ///   - input: the device and its keys.
  ///   - number: index of the device in the configuration.
  ///   - firstIndex: index of its first key; those of the others follow.
  ///   - paths: where the kernel's files are.
  ///   - now: the time from which the next attempt is counted.
  init(_ input: Board.Input, number: Int, firstIndex: Int, _ paths: KernelPaths, now: Monotonic) {
    self.input = input
    self.number = number
    self.paths = paths
    indices = Array(firstIndex..<firstIndex + input.keys.count)
    open(now)
  }

  private func open(_ now: Monotonic) {
    do throws(ButtonError) {
      device = try InputDevice(input, paths)
      nextTry = nil
      changes.append(DeviceChange(input: number, error: nil))
    } catch {
      // Reported once, not at every attempt.
      if nextTry == nil { changes.append(DeviceChange(input: number, error: error)) }
      nextTry = now.adding(milliseconds: Self.retryInterval)
    }
  }

  private func lose(_ error: SystemError, _ now: Monotonic) {
    device = nil
    changes.append(DeviceChange(input: number, error: .noDevice(device: "\(input)", error)))
    nextTry = now.adding(milliseconds: Self.retryInterval)
  }

  // MARK: ButtonSource

  func access(of index: Int) -> LineAccess { .input }

  func register(in poll: inout Poll) { place = device.map { poll.add($0.raw, events: POLLIN) } }

  var deadline: Monotonic? { nextTry }

  func takeChanges() -> [DeviceChange] {
    defer { changes = [] }
    return changes
  }

  func readings(after poll: Poll, now: Monotonic) throws(ButtonError) -> [ButtonReading] {
    guard let device else {
      if let nextTry, now >= nextTry { open(now) }
      return []
    }
    guard let place, poll.answer(place) != 0 else { return [] }
    do throws(SystemError) {
      return try device.read(now: now).compactMap { change in
        input.keys.firstIndex { $0.code == change.code }.map {
          ButtonReading(index: indices[$0], isDown: change.isDown, time: change.time)
        }
      }
    } catch {
      lose(error, now)
      // Release every key that was down.
      return indices.map { ButtonReading(index: $0, isDown: false, time: now) }
    }
  }

  func isDown(at index: Int) throws(ButtonError) -> Bool? {
    guard let device else { return false }
    return device.isDown(input.keys[index - indices[0]].code)
  }
}
