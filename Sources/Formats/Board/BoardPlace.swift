extension Board {
  /// Where a button lies on the device, seen from the front: cells of a grid.
  public struct Place: Codable, Hashable, Sendable {
    /// The row, from 1 at the top.
    public var row: Int
    /// The column, from 1 at the left.
    public var column: Int
    /// How many rows the button is high.
    public var rows: Int
    /// How many columns the button is wide.
    public var columns: Int

    /// Creates a place.
    public init(row: Int, column: Int, rows: Int = 1, columns: Int = 1) {
      self.row = row
      self.column = column
      self.rows = rows
      self.columns = columns
    }

    /// Returns whether two places share a cell.
    public func overlaps(_ other: Place) -> Bool {
      row < other.row + other.rows && other.row < row + rows && column < other.column + other.columns
        && other.column < column + columns
    }
  }

  /// The place of the first button that shares a cell with one before it; nil where none does.
  public var sharedPlace: Place? {
    let places = lines.buttons.compactMap(\.place) + inputs.flatMap(\.keys).compactMap(\.place)
    return places.indices.first { places[..<$0].contains(where: places[$0].overlaps) }.map { places[$0] }
  }
}
