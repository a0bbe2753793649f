import Board

extension Board.Place {
  /// Reads where a button lies: `{ row: 4, column: 4, rows: 2 }`.
  init?(_ field: Field) {
    guard let map = field.mapping(["row", "column"], optional: ["rows", "columns"]) else { return nil }
    let row = map["row"]?.integer(in: Board.Limits.grid)
    let column = map["column"]?.integer(in: Board.Limits.grid)
    let rows = map["rows"].or(1) { $0.integer(in: Board.Limits.grid) }
    let columns = map["columns"].or(1) { $0.integer(in: Board.Limits.grid) }
    guard let row, let column, let rows, let columns else { return nil }
    self.init(row: row, column: column, rows: rows, columns: columns)
  }
}

extension Board {
  /// Refuses buttons that lie on one place.
  func refuseSharedPlaces(in field: Field) {
    guard let place = sharedPlace else { return }
    field.refuse(
      "two buttons lie at row \(place.row), column \(place.column)", "write 'place' as the buttons lie on the device")
  }
}
