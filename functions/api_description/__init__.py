"""The API's description of itself: one OpenAPI document over both APIs, and the page that shows it."""
