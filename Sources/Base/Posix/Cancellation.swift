import Synchronization

/// A wish that long work ends before it is done. Any thread may express it, and the work asks for it between two pieces.
public final class Cancellation: Sendable {
  private let state = Atomic(false)

  /// Creates a wish that nobody has expressed yet.
  public init() {}

  /// Whether the work should end.
  public var isCancelled: Bool { state.load(ordering: .acquiring) }

  /// Asks the work to end. It ends after the pieces that are being made.
  public func cancel() { state.store(true, ordering: .releasing) }
}
