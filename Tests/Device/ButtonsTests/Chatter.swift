/// The bounce of contacts that close and open.
enum Chatter {
  /// Times of edges of real switches, in milliseconds from the first: closing, then opening.
  static let profiles: [(name: String, closing: [Int], opening: [Int])] = [
    ("new tact switch", [0], [0]),
    ("tact switch", [0, 1, 2], [0, 1, 2]),
    ("worn tact switch", [0, 1, 3, 4, 6, 7, 9], [0, 2, 3, 5, 8, 9, 12]),
    ("arcade button", [0, 1, 1, 2, 2, 3, 5], [0, 1, 4, 4, 5]),
    ("reed contact", [0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 2]),
    ("cheap toggle", [0, 3, 6, 10, 14, 16, 19], [0, 5, 9, 13, 18]),
  ]
}
