/// The last frames written, by their position in the stream. A fade is made of those that a rewind takes back.
///
/// It allocates only when it is created.
struct FrameHistory: ~Copyable {
  /// Number of frames kept: the longest buffer that a card may have, a power of two, 2.7 s.
  static var capacity: Int { 131_072 }

  private let frames: UnsafeMutableBufferPointer<Int16>

  init() {
    frames = .allocate(capacity: Self.capacity)
    frames.initialize(repeating: 0)
  }

  deinit { frames.deallocate() }

  /// The frame at a position of the stream, which is one of the last `capacity`.
  subscript(position: Int) -> Int16 {
    get { frames[position & (Self.capacity - 1)] }
    nonmutating set { frames[position & (Self.capacity - 1)] = newValue }
  }
}
