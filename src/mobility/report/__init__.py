"""Data frames become things people open: maps now; figures, exports, reports later.

`style` is the one table of colours, lines and symbols. `maps` turns tables and routes
into a Folium map; `popups` says what a click tells, `leaflet` holds the Folium elements
it is made of, `page.js` and `page.css` what they do in the browser. `files` writes
whole files or none.

May import `analysis`, `network`, `data`, `model`, `errors`; nothing below imports it.
"""
