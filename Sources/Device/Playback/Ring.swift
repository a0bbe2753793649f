import Synchronization

/// A lock-free queue of fixed-size messages from one thread to one other. Only `init` allocates.
///
/// `Element` is trivial: it is copied bytewise and never released.
struct Ring<Element: BitwiseCopyable>: ~Copyable {
  private let slots: UnsafeMutablePointer<Element>
  private let mask: Int
  private let written = Atomic<Int>(0)
  private let read = Atomic<Int>(0)

  /// Allocates the queue.
  ///
  /// - Parameters:
  ///   - capacity: a power of two.
  ///   - filler: the initial value of the slots, which is never returned.
  init(capacity: Int, filler: Element) {
    precondition(capacity > 0 && capacity & (capacity - 1) == 0)
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: filler, count: capacity)
    mask = capacity - 1
  }

  deinit { slots.deallocate() }

  /// Appends a message. Called by the sending thread.
  ///
  /// - Returns: false where the queue is full, and the message is discarded.
  func push(_ element: Element) -> Bool {
    let end = written.load(ordering: .relaxed)
    if end - read.load(ordering: .acquiring) > mask { return false }
    slots[end & mask] = element
    written.store(end + 1, ordering: .releasing)
    return true
  }

  /// Removes and returns the oldest message; nil where there is none. Called by the receiving thread.
  func pop() -> Element? {
    let start = read.load(ordering: .relaxed)
    if start == written.load(ordering: .acquiring) { return nil }
    let element = slots[start & mask]
    read.store(start + 1, ordering: .releasing)
    return element
  }
}
