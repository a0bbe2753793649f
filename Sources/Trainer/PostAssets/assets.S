/* Embeds the files of Sources/Trainer/Post/assets, and those of Sources/Trainer/Studio/assets that both pages use. A new
   file needs a line here. The build does not see that a file changed: `touch` this one; in a commit raise the number, for
   build directories that are kept. PostAssetTests compares what is embedded with the files. Revision 5. */

.macro asset name
  .section .rodata
1:
  .asciz "\name"
  .balign 16
2:
  .incbin "\name"
3:
  .section .data.rel.ro, "aw"
  .balign 8
  .quad 1b
  .quad 2b
  .quad 3b - 2b
.endm

  .section .data.rel.ro, "aw"
  .balign 8
  .globl fw_post_assets
  .hidden fw_post_assets
fw_post_assets:

  asset post-booth.js
  asset post-review.js
  asset dom.js
  asset flac.js
  asset minisign.js
  asset page.css
  asset page.js
  asset recorder.js
  asset recorder-worklet.js
  asset shelf.js
  asset zip.js

  .section .data.rel.ro, "aw"
4:
  .section .rodata
  .balign 8
  .globl fw_post_asset_count
  .hidden fw_post_asset_count
fw_post_asset_count:
  .quad (4b - fw_post_assets) / 24

  .section .note.GNU-stack, "", %progbits
