import Synchronization

/// Fixed-size messages from one thread to one other, without locks and without allocation after `init`.
///
/// `Element` must be trivial: it is copied by bytes and never released.
struct Ring<Element: BitwiseCopyable>: ~Copyable {
  private let slots: UnsafeMutablePointer<Element>
  private let mask: Int
  private let written = Atomic<Int>(0)
  private let read = Atomic<Int>(0)

  /// - Parameter capacity: a power of two.
  init(capacity: Int, filler: Element) {
    precondition(capacity > 0 && capacity & (capacity - 1) == 0)
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: filler, count: capacity)
    mask = capacity - 1
  }

  deinit { slots.deallocate() }

  /// False when the ring is full: the message is not taken.
  func push(_ element: Element) -> Bool {
    let end = written.load(ordering: .relaxed)
    if end - read.load(ordering: .acquiring) > mask { return false }
    slots[end & mask] = element
    written.store(end + 1, ordering: .releasing)
    return true
  }

  func pop() -> Element? {
    let start = read.load(ordering: .relaxed)
    if start == written.load(ordering: .acquiring) { return nil }
    let element = slots[start & mask]
    read.store(start + 1, ordering: .releasing)
    return element
  }
}
