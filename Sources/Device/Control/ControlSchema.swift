/// The JSON Schema (draft 2020-12) of the control socket's lines.
public enum ControlSchema {
  /// The text of `control.schema.json`.
  public static var text: String { String(decoding: PackageResources.control_schema_json, as: UTF8.self) }
}
